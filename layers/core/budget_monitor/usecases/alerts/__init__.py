"""Detect, store, word and deliver alerts."""
