"""The rules about money, pure: standard library only, no clock, no environment, no I/O."""
