"""Budgets, raises and tenants: what people set, and who may set it."""
