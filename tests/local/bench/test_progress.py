"""Progress bars change nothing of what they count."""

from __future__ import annotations

from local.bench.progress import counted


def test_all_steps_are_yielded_in_order() -> None:
    assert [*counted(iter([3, 1, 2]), "steps", 3)] == [3, 1, 2]
