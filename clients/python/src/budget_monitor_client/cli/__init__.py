"""The command line `budget-monitor`; needs the extra `cli`."""
