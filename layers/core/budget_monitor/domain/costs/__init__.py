"""Ledger entries and usage."""
