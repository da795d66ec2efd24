"""Implementations of the ports: DynamoDB, cache, price list, AWS, clock, random ids."""
