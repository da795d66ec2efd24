"""Progress changes nothing of what it counts, and is told without a terminal, too."""

from __future__ import annotations

from io import StringIO

import pytest  # noqa: TC002 - as everywhere, types are imported for real
from rich.console import Console

from local.bench import progress


def test_all_steps_are_yielded_in_order() -> None:
    assert [*progress.counted(iter([3, 1, 2]), "steps", 3)] == [3, 1, 2]


def test_without_a_terminal_a_line_says_how_many_steps_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = StringIO()
    monkeypatch.setattr(progress, "console", Console(file=seen))
    monkeypatch.setattr(progress, "SECONDS", -1.0)
    assert [*progress.counted([7, 8], "steps")] == [7, 8]
    assert seen.getvalue() == "steps: 0 of 2\nsteps: 1 of 2\n"
