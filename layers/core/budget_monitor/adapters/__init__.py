"""How the ports are met: DynamoDB, the system's clock, random ids."""
