"""Callers that write at the same time, on a model of DynamoDB's conflicts."""
