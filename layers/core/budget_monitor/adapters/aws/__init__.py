"""Alert channels, callbacks to Step Functions, self-invocation."""
