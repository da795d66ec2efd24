"""How amounts, times and counts look in answers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Move
from budget_monitor.entrypoints.door import render


def test_amounts_are_decimal_strings_and_none_stays_none() -> None:
    assert render.usd(Decimal("1.50")) == "1.5"
    assert render.usd(Decimal("1E+2")) == "100"
    assert render.usd(None) is None


def test_times_are_in_utc_and_none_stays_none() -> None:
    assert render.time(datetime(2026, 11, 22, 10, tzinfo=UTC)) == "2026-11-22T10:00:00Z"
    assert render.time(None) is None


def test_counts_are_tokens_and_entries() -> None:
    counts = render.counts(Move(tokens=7, input_tokens=5, output_tokens=2, entries=3))
    assert counts["tokens"] == 7
    assert counts["entries"] == 3
