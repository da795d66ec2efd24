"""Read the pages of the documentation."""
