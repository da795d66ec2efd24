"""Row classes of each table, and their attribute types."""
