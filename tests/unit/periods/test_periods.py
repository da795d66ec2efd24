"""Months, days and instants have names, zones and edges."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import (
    days_of,
    month_end,
    parse_instant,
    parse_month,
    render_instant,
    sortable,
)

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9989, 12, 30)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


def at(text: str) -> datetime:
    return parse_instant(text, "at")


def test_a_month_ends_at_midnight_in_its_zone_across_daylight_saving() -> None:
    assert month_end("2026-03", "Europe/Berlin") == at("2026-03-31T22:00:00Z")
    assert month_end("2026-02", "Europe/Berlin") == at("2026-02-28T23:00:00Z")
    assert month_end("2026-12", "UTC") == at("2027-01-01T00:00:00Z")


def test_a_leap_february_has_29_days() -> None:
    assert len(days_of("2028-02")) == 29
    assert days_of("2026-11")[0] == "2026-11-01"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
        ("2026-11-22t10:00:00.5z", "2026-11-22T10:00:00.500000Z"),
        ("2026-11-22T10:00:00.1234567+02:00", "2026-11-22T08:00:00.123456Z"),
    ],
)
def test_an_instant_is_read_with_its_offset(text: str, instant: str) -> None:
    assert render_instant(at(text)) == instant


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00Z",
        "20261122T100000Z",
        "2026-13-01T00:00:00Z",
        "2026-11-22T24:00:01Z",
        "2026-11-22T10:00:60Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "\uff12026-11-22T10:00:00Z",
        1763805600,
        None,
    ],
)
def test_an_instant_without_an_offset_or_sense_is_refused(text: object) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_instant(text, "occurred_at")
    assert refused.value.field == "occurred_at"


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-11", "2026-11-01", "9999-12", 202611])
def test_a_month_is_written_as_year_and_month(text: object) -> None:
    with pytest.raises(ValidationError):
        parse_month(text, "month")


@given(MOMENTS, MOMENTS)
def test_instants_sort_as_their_stored_texts_do(one: datetime, other: datetime) -> None:
    assert (one < other) == (sortable(one) < sortable(other))


@given(MOMENTS)
def test_an_instant_is_read_back_as_it_was_written(moment: datetime) -> None:
    assert at(render_instant(moment)) == at(sortable(moment)) == moment
