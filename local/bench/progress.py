"""Progress on standard error, so that what the functions log does not mix with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")
console = Console(stderr=True, highlight=False)


def counted(steps: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """Yield the steps, with a bar while they run."""
    return track(steps, what, total, console=console, disable=not console.is_terminal)
