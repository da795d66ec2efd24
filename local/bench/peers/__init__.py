"""Other budget libraries on the same work."""
