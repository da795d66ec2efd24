"""The optional read cache: Valkey or Redis in front of the store."""
