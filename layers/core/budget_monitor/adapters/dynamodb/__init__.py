"""The Store port on DynamoDB."""
