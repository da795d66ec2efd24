"""Requests for more limit: made by runs, answered by people."""
