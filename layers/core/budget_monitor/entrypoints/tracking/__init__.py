"""The operations of the tracking function."""
