"""Budgets, gates, policies, rules and suspensions."""
