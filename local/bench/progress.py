"""Progress on standard error, so that what the functions log does not mix with it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")
console = Console(stderr=True, highlight=False)
SECONDS = 10.0
"""Without a terminal there is a line for so many seconds, instead of a bar."""


def counted(steps: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield the steps, with a bar while they run."""
    if console.is_terminal:
        yield from track(steps, what, total, console=console)
        return
    told = time.monotonic()
    whole = total if total or not isinstance(steps, Sized) else len(steps)
    for done, step in enumerate(steps):
        if time.monotonic() > told + SECONDS:
            told = time.monotonic()
            console.print(f"{what}: {done} of {whole}")
        yield step
