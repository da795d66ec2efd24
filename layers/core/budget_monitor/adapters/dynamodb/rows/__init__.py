"""The rows of each table, and their attributes."""
