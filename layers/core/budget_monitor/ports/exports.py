"""The port to the stack's own bucket of exported files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LEDGER_CSV, LEDGER_JSON, FOCUS, MANIFESTS = "ledger_csv", "ledger_json", "focus", "manifests"
FOLDERS = (LEDGER_CSV, LEDGER_JSON, FOCUS, MANIFESTS)
"""The folders of the bucket; each has a folder for each tenant."""


def folder_of(name: str, tenant_id: str) -> str:
    """Return a tenant's part of a folder, with the slash at its end."""
    return f"{name}/tenant={tenant_id}/"


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a file, or the mark that it was deleted."""

    key: str
    version: str


class ErasableFiles(Protocol):
    """Stored versions of files. Both methods raise UnavailableError."""

    def versions(self, folder: str) -> Sequence[FileVersion]:
        """Return up to 1,000 versions of the files below a folder; none if all are erased."""
        ...

    def erase(self, versions: Sequence[FileVersion]) -> None:
        """Delete these versions for good, at most 1,000."""
        ...


class ExportFiles(Protocol):
    """Files by key. Both methods raise UnavailableError if the bucket cannot be reached."""

    def put(self, key: str, data: bytes, media: str) -> None:
        """Store a file, in place of an earlier one."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return a file, or None if there is none."""
        ...
