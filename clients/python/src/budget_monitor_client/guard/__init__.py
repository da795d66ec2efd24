"""Guarded calls: hold, call, settle."""
