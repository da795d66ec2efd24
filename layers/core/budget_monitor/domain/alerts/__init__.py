"""Alerts and thresholds."""
