"""Send the rows of a file in batches. An interrupted import goes on where it stopped."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from local.backfill.rows import Row

BATCH = 100
ATTEMPTS, PAUSE = 4, 2.0
_INDEX = re.compile(r"costs\[(\d+)\]")

Invoke = Callable[[Mapping[str, Any]], tuple[str | None, dict[str, Any]]]
"""Invokes the tracking function: the error's text if there is one, and the answer."""


class StoppedError(Exception):
    """The service cannot be reached, or refuses the whole import; the message says why."""


@dataclass
class Done:
    """How the import went."""

    booked: int = 0
    known: int = 0
    """Rows that an earlier import had booked."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """The line of each refused row, and why."""


@dataclass(frozen=True)
class Import:
    """An import of one tenant's costs."""

    invoke: Invoke
    tenant_id: str
    by: str
    reason: str
    wait: Callable[[float], None] = time.sleep

    def run(self, rows: Sequence[Row], journal: Journal, advance: Callable[[int], None]) -> Done:
        """Book the rows that the journal does not have yet. Raises StoppedError."""
        done, start = Done(), journal.rows
        advance(start)
        for place in range(start, len(rows), BATCH):
            part = rows[place : place + BATCH]
            self._send(part, done)
            journal.wrote(place + len(part))
            advance(len(part))
        return done

    def _send(self, rows: Sequence[Row], done: Done) -> None:
        """Book one batch. Rows that make the whole batch invalid are refused and left out."""
        left = list(rows)
        while left:
            error, answer = self._invoked(left)
            if error is None:
                self._count(left, answer, done)
                return
            found = _INDEX.search(error)
            if found is None or int(found[1]) >= len(left):
                raise StoppedError(error)
            done.refused.append((left.pop(int(found[1])).line, error))

    def _invoked(self, rows: Sequence[Row]) -> tuple[str | None, dict[str, Any]]:
        event = {
            "operation": "record_costs",
            "tenant_id": self.tenant_id,
            "backfill": True,
            "by": self.by,
            "reason": self.reason,
            "costs": [row.cost for row in rows],
        }
        for attempt in range(1, ATTEMPTS + 1):
            error, answer = self.invoke(event)
            if error is None or _INDEX.search(error) or attempt == ATTEMPTS:
                return error, answer
            self.wait(PAUSE * attempt)
        raise StoppedError("no attempt was made")

    @staticmethod
    def _count(rows: Sequence[Row], answer: Mapping[str, Any], done: Done) -> None:
        for row, result in zip(rows, answer["results"], strict=True):
            if "error" in result:
                done.refused.append((row.line, f"{result['error']}: {result['message']}"))
            elif result["entry"]["replayed"]:
                done.known += 1
            else:
                done.booked += 1


class Journal:
    """How many rows of a file are done, beside the file; deleted when all of them are."""

    def __init__(self, path: Path, tenant_id: str) -> None:
        """Read what an interrupted import of the same file and tenant left."""
        self._path = path.with_name(f"{path.name}.progress")
        digest = sha256(path.read_bytes()).hexdigest()
        self._of = {"sha256": digest, "tenant_id": tenant_id}
        self.rows = 0
        if self._path.exists():
            kept = json.loads(self._path.read_text())
            self.rows = kept["rows"] if self._of.items() <= kept.items() else 0

    def wrote(self, rows: int) -> None:
        """Remember that so many rows are done."""
        self._path.write_text(json.dumps({**self._of, "rows": rows}))

    def finish(self) -> None:
        """Forget the import: all rows are done."""
        self._path.unlink(missing_ok=True)
