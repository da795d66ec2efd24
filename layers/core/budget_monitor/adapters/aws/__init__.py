"""AWS services: alert channels (SNS, EventBridge), Step Functions, self-invocation."""
