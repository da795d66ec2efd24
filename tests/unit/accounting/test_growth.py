"""When a tenant's accounts open with more rows, and what the document of it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from budget_monitor.domain.accounting.growth import Growth
from budget_monitor.domain.errors import ValidationError
from tests.support.times import instant

FIRST = instant("2026-11-30T10:00:00Z")


def after(*minutes: int, stripes: int = 1, growth: Growth | None = None) -> Growth:
    found = growth or Growth()
    for one in minutes:
        found = found.heated(FIRST + timedelta(minutes=one), stripes)
    return found


def test_the_5th_hot_minute_of_an_hour_makes_1_row_4_and_the_count_begins_again() -> None:
    assert after(0, 1, 2, 59) == Growth(hot=after(0, 1, 2, 59).hot)
    assert after(0, 1, 2, 59).stripes == 0
    assert after(0, 1, 2, 3, 59) == Growth(stripes=4)


def test_the_same_minute_counts_once() -> None:
    assert after(0, 0, 0, 0, 0, 0).stripes == 0


def test_a_minute_does_not_count_an_hour_later() -> None:
    assert after(0, 1, 2, 3, 60).stripes == 0
    assert after(0, 1, 2, 3, 60, 61).stripes == 0
    assert after(0, 1, 2, 3, 60, 60, 4 + 57).hot == after(2, 3, 60, 61).hot


@pytest.mark.parametrize(("rows", "more"), [(1, 4), (4, 16), (16, 32), (20, 32)])
def test_rows_grow_fourfold_up_to_32(rows: int, more: int) -> None:
    assert after(0, 1, 2, 3, 4, stripes=rows).stripes == more


def test_what_is_stored_is_read_back() -> None:
    found = Growth(7, 4, (FIRST,), tenants=True)
    assert Growth.load(7, found.dump()) == found


@pytest.mark.parametrize(
    "damage",
    [
        {"stripes": 33},
        {"stripes": -1},
        {"stripes": True},
        {"stripes": "4"},
        {"hot": 5},
        {"hot": [5]},
        {"hot": ["yesterday"]},
        {"tenants": 1},
    ],
)
def test_a_damaged_document_is_a_value_error(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^not a growth of rows$"):
        Growth.load(1, {**Growth().dump(), **damage})


def test_a_damaged_hot_minute_is_the_cause_of_the_error() -> None:
    with pytest.raises(ValueError, match=r"^not a growth of rows$") as damaged:
        Growth.load(1, {**Growth().dump(), "hot": ["yesterday"]})
    cause = damaged.value.__cause__
    assert isinstance(cause, ValidationError)
    assert cause.field == "hot"


@pytest.mark.parametrize("rows", [0, 1, 32])
def test_a_tenant_has_0_to_32_rows_of_its_own(rows: int) -> None:
    assert Growth.load(1, Growth(stripes=rows).dump()).stripes == rows
