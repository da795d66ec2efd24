"""The entry points of the functions: events in, answers and errors out."""
