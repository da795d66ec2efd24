"""Usage objects of providers, gateways and frameworks, read into counts by unit."""
