"""Compare accounts with the ledger and the open holds; rebuild what differs."""
