"""Files for finance: CSV, JSON Lines and FOCUS rows, and the export of a month."""
