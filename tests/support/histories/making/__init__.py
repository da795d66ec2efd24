"""What the events of a history are made of: requests, draws, scenes, and prepaid money."""
