"""The published price list, and providers' usage objects."""
