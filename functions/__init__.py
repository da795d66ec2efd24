"""The Lambda functions: one handler each, which parses, calls one use case and renders."""
