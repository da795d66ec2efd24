"""Signed links and the page that they open."""
