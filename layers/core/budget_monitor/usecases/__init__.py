"""What Budget Monitor does, one class for each room: no AWS, no HTTP."""
