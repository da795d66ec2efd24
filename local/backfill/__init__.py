"""Import costs of earlier months from a file: `make backfill FILE=costs.csv TENANT=acme ...`."""
