"""The first position of a span."""

from __future__ import annotations

import pytest

from budget_monitor.adapters.dynamodb.reads import AFTER_ALL, start_of
from budget_monitor.ports import Span

NOON = "2026-11-22T12:00:00.000000Z#c1"


@pytest.mark.parametrize(
    ("span", "includes_noon"), [(Span(), True), (Span(start=NOON), True), (Span(after=NOON), False)]
)
def test_a_start_is_included_and_the_position_of_the_last_page_is_not(
    span: Span,
    includes_noon: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert (start_of(span) <= NOON < AFTER_ALL) is includes_noon
    assert start_of(span) <= f"{NOON}0"
