"""The command line over the real handlers."""
