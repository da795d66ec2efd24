"""Reading the pages of the documentation."""
