"""Statements and forecasts."""
