"""Ways to reach Budget Monitor."""
