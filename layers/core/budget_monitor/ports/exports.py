"""The port to the stack's own bucket of exported files."""

from typing import Protocol


class ExportFiles(Protocol):
    """Files by key. Both methods raise UnavailableError if the bucket cannot be reached."""

    def put(self, key: str, data: bytes, media: str) -> None:
        """Store a file, in place of an earlier one."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return a file, or None if there is none."""
        ...
