"""Budgets as code: a file says what the rules are, and commands compare and change them."""
