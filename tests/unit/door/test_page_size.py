"""How many items of a page fit into one answer."""

from __future__ import annotations

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from budget_monitor.entrypoints.door import page_size


def test_items_fit_until_their_json_is_too_long_and_one_always_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_size, "MAX_BYTES", 100)
    small, large = {"a": "x" * 20}, {"a": "x" * 200}
    assert page_size.fitting([]) == 0
    assert page_size.fitting([small] * 2) == 2
    assert page_size.fitting([small] * 9) == 2
    assert page_size.fitting([large, small]) == 1


def test_characters_that_json_escapes_are_counted_as_they_are_sent() -> None:
    assert page_size.fitting([{"a": "é" * 1_000_000}] * 2) == 1
