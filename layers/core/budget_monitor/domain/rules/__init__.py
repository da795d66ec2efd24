"""Budgets, policies, rules and suspensions."""
