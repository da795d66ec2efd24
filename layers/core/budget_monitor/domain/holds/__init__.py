"""Gates, decisions and reservations."""
