"""Who sends a request, what tokens allow, and how fast a tenant may ask."""
