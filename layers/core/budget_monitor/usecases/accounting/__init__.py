"""Plan a request: its labels, period, gates, bill and postings."""
