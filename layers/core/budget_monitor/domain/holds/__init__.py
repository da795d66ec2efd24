"""Decisions and reservations."""
