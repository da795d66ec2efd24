"""Where a request belongs, and which accounts it moves by how much."""
