"""Published price list, and readers for providers' usage objects."""
