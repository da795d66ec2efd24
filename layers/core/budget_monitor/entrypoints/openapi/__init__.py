"""The OpenAPI document of the API. Only the operation `openapi` loads it."""
