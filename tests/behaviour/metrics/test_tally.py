"""Counts behind a request: they are kept only while they are counted."""

from __future__ import annotations

from budget_monitor import tally


def test_only_what_happens_inside_is_counted_and_inner_counts_are_apart() -> None:
    with tally.counting() as outer:
        tally.add(tally.CACHE_HITS)
        with tally.counting() as inner:
            tally.add(tally.RETRIES)
        tally.add(tally.CACHE_HITS)
    tally.add(tally.CACHE_HITS)
    assert outer == {tally.CACHE_HITS: 2}
    assert inner == {tally.RETRIES: 1}
