"""What callers read about each operation: one module for each capability."""
