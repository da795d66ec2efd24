"""The operations of the reporting function."""
