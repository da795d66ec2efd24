"""The page that a signed link opens: approve, approve less, or deny one request."""
