"""The money rules as pure code: standard library only, no clock, no environment, no I/O."""
