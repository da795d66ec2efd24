"""Budgets, raises and tenant settings: change them, check who may, show the history."""
