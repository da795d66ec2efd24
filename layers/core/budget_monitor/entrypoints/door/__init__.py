"""What every request passes through: routing, field parsing, rendering."""
