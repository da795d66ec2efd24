"""A journal on disk of what is still to be delivered, for when the process ends.

A folder with one file for each process, held by a lock as long as the process lives. A line is
written to the disk before the step that it names; the last line of a hold counts. The next
process to open the folder delivers what files without a lock still name.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budget_monitor_client.guard.holds import Hold

RESERVING, SENDING, SETTLING = "reserving", "sending", "settling"
RELEASING, DONE = "releasing", "done"
_COMPACT_BYTES = 1_000_000


@dataclass(frozen=True)
class Step:
    """The step that a hold has come to, with what was spent where that is known."""

    name: str
    hold: Hold
    spent: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Key of the hold among those of all tenants."""
        return f"{self.hold.tenant_id}/{self.hold.reservation_id}"

    def line(self) -> bytes:
        """Return it as a line of the file."""
        said = {"step": self.name, "hold": self.hold.written(), "spent": self.spent}
        return json.dumps(said, separators=(",", ":")).encode() + b"\n"


class Journal:
    """The file of this process, and those that dead processes left in the folder."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._open: dict[str, Step] = {}
        self._file = self._create()

    def write(self, step: Step) -> None:
        """Write the step to disk. Raises OSError if that fails: then take no further step."""
        with self._lock:
            self._append(step.line())
            if step.name not in {RESERVING, DONE}:
                os.fsync(self._file)
            self._open[step.key] = step
            if step.name == DONE:
                del self._open[step.key]
                self._compact()

    def undelivered(self) -> list[Step]:
        """Return the steps of this process that could not be delivered.

        Costs come first: what draws on a hold is booked before its rest is released.
        """
        with self._lock:
            found = [one for one in self._open.values() if one.name in {SETTLING, RELEASING}]
            return sorted(found, key=lambda step: step.name == RELEASING)

    def has(self, tenant_id: str, reservation_id: str) -> bool:
        """True if a hold with this id is still to be ended."""
        with self._lock:
            return f"{tenant_id}/{reservation_id}" in self._open

    def adopt(self) -> None:
        """Take over what dead processes left: it is in this process's file before theirs goes."""
        for path in sorted(self._folder.glob("*.journal")):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as left:
                if not _locked(left.fileno()) or os.fstat(left.fileno()).st_nlink == 0:
                    continue  # its process lives, or another one took it over
                for step in _open_steps(left.read()):
                    self.write(_delivery(step))
                path.unlink()

    def close(self) -> None:
        """Give up the file; it is deleted if nothing in it is to be delivered."""
        with self._lock:
            if not self._open:
                (self._folder / f"{self._name}.journal").unlink(missing_ok=True)
            os.close(self._file)

    def _create(self) -> int:
        """A file is locked before it has the name by which others look for it."""
        self._name = f"{os.getpid()}-{os.urandom(16).hex()}"
        made = self._folder / f"{self._name}.new"
        file = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        _locked(file)
        made.rename(made.with_suffix(".journal"))
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return file

    def _append(self, line: bytes) -> None:
        size = os.fstat(self._file).st_size
        if os.write(self._file, line) < len(line):
            os.ftruncate(self._file, size)
            raise OSError(errno.ENOSPC, "the disk of the journal is full")

    def _compact(self) -> None:
        if not self._open and os.fstat(self._file).st_size > _COMPACT_BYTES:
            os.ftruncate(self._file, 0)


def _locked(file: int) -> bool:
    """Lock the file, or return False if another process has. The lock ends with the process."""
    import fcntl  # noqa: PLC0415 - only POSIX has it, and only a journal needs it

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_steps(data: bytes) -> list[Step]:
    """The last step of each hold that is not done. A line that was cut was never relied on."""
    last: dict[str, Step] = {}
    for line in data.split(b"\n")[:-1]:
        said = json.loads(line)
        step = Step(said["step"], Hold(**said["hold"]), said["spent"])
        last[step.key] = step
    return [one for one in last.values() if one.name != DONE]


def _delivery(step: Step) -> Step:
    """How a step that a dead process took ends: unknown spend is settled at the estimate."""
    ends = {RESERVING: RELEASING, SENDING: SETTLING}
    return Step(ends.get(step.name, step.name), step.hold, step.spent)
