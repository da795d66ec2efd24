"""What every request passes: HTTP or direct event, fields, parsing, rendering."""
