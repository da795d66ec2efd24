"""Pause, await and resume workflows."""
