"""The operations of the budgeting function."""
