"""Accounts, labels, stripes and the transactions that move them."""
