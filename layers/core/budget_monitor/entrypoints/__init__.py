"""The doors: events to requests, answers to bodies, errors to codes."""
