"""Close months, list statements, forecast spend."""
