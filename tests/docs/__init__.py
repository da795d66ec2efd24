"""The documentation is complete, and every link and example of it is checked."""
