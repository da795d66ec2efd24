"""Detect, store, render and send alerts."""
