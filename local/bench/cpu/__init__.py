"""CPU time: of calls beside raw ones, and of starts."""
