"""Requests for more limit: what was asked, who may answer, and how they end."""
