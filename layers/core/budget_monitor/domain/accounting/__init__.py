"""Accounts, labels and stripes."""
