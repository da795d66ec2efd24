"""Minutes, quarters, years and months that begin on another day than the first: they tile time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_monitor.domain.calendars import Calendar

ZONES = st.sampled_from(
    ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12"]
)
MOMENTS = st.datetimes(datetime(2001, 3, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.integers(1, 28)
UNIT = timedelta(microseconds=1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "name", "end"),
    [
        ("minute", "2026-11-22T12:00+0000", datetime(2026, 11, 22, 12, 1, tzinfo=UTC)),
        ("quarter", "2026-Q4", datetime(2027, 1, 1, tzinfo=UTC)),
        ("year", "2026", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_new_periods_have_names_and_ends(kind: str, name: str, end: datetime) -> None:
    assert Calendar().name(kind, NOON) == name
    assert Calendar().end(kind, NOON) == end
    assert Calendar().name("total", NOON) == "total"


def test_a_month_that_begins_on_the_15th_has_the_name_of_its_first_day() -> None:
    calendar = Calendar(first_day=15)
    assert calendar.name("month", datetime(2026, 11, 15, tzinfo=UTC)) == "2026-11"
    assert calendar.name("month", datetime(2026, 11, 14, 23, tzinfo=UTC)) == "2026-10"
    assert calendar.month_end("2026-11") == datetime(2026, 12, 15, tzinfo=UTC)
    assert calendar.days("2026-11")[0] == "2026-11-15"
    assert calendar.days("2026-11")[-1] == "2026-12-14"
    assert calendar.name("quarter", datetime(2027, 1, 10, tzinfo=UTC)) == "2026-Q4"


def test_a_new_first_day_holds_from_the_end_of_the_present_month() -> None:
    calendar = Calendar().starting(15, NOON)
    assert calendar.month_end("2026-11") == datetime(2026, 12, 15, tzinfo=UTC)
    assert len(calendar.days("2026-11")) == 44
    back = calendar.starting(1, datetime(2026, 12, 20, tzinfo=UTC))
    assert back.month_end("2026-12") == datetime(2027, 1, 15, tzinfo=UTC)
    assert back.days("2027-01")[0] == "2027-01-15"
    assert back.month_end("2027-01") == datetime(2027, 2, 1, tzinfo=UTC)


@given(MOMENTS, ZONES, DAYS, DAYS, ZONES, st.sampled_from(["minute", "month", "quarter", "year"]))
def test_periods_follow_each_other_without_a_gap(
    moment: datetime, zone: str, day: int, later: int, other: str, kind: str
) -> None:
    calendar = Calendar(zone, first_day=day).starting(later, moment)
    name, end = calendar.name(kind, moment), calendar.end(kind, moment)
    assert calendar.name(kind, end - UNIT) == name
    assert calendar.name(kind, end) != name
    if kind != "minute":
        assert calendar.name(kind, end) > name


@given(MOMENTS, ZONES, DAYS, DAYS)
def test_each_day_is_in_one_month_and_the_months_end_is_after_its_last_day(
    moment: datetime, zone: str, day: int, later: int
) -> None:
    calendar = Calendar(zone, first_day=day).starting(later, moment)
    month = calendar.name("month", moment)
    assert calendar.name("day", moment) in calendar.days(month)
    last = calendar.name("day", calendar.month_end(month) - UNIT)
    assert calendar.days(month)[-1] == last


def test_a_minute_ends_in_utc_whatever_the_zone_of_its_moment() -> None:
    assert Calendar().end("minute", NOON.astimezone(timezone(timedelta(hours=9)))).tzinfo is UTC


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"])
@pytest.mark.parametrize(("day", "month"), [("2026-11-14", "2026-10"), ("2026-11-15", "2026-11")])
def test_the_15th_is_the_first_day_of_its_month_in_every_zone(
    zone: str, day: str, month: str
) -> None:
    calendar = Calendar(zone, first_day=15)
    assert calendar.month_of_day(day) == month
    assert calendar.moved("Asia/Tokyo", NOON).month_of_day(day) == month
    assert Calendar(zone).month_of_day(day) == "2026-11"


def test_a_day_that_a_move_24_hours_ahead_leaves_out_is_in_the_month_of_its_name() -> None:
    calendar = Calendar("Pacific/Honolulu").moved("Pacific/Kiritimati", NOON)
    assert calendar.month_of_day("2026-12-01") == "2026-12"


def test_a_first_day_holds_from_its_very_moment() -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    calendar = Calendar().starting(15, NOON)
    assert [calendar.first_day_at(one) for one in (december - UNIT, december)] == [1, 15]
    again = calendar.starting(20, december)
    assert [day for _, day in again.day_changes] == [15, 20]


def test_a_first_day_that_does_not_hold_yet_is_replaced_by_a_later_decision() -> None:
    planned = Calendar().starting(15, NOON)
    assert planned.starting(20, NOON) == Calendar().starting(20, NOON)
    assert planned.starting(1, NOON) == Calendar()


def test_a_day_that_a_move_14_hours_ahead_shortens_is_the_first_of_its_month() -> None:
    calendar = Calendar(first_day=15).moved("Pacific/Kiritimati", NOON)
    assert calendar.month_of_day("2026-12-15") == "2026-12"
    assert calendar.days("2026-11")[-1] == "2026-12-14"
    assert calendar.days("2026-12")[0] == "2026-12-15"


def test_a_month_whose_28th_is_shortened_by_a_move_has_its_own_end() -> None:
    calendar = Calendar(first_day=28).moved("Pacific/Kiritimati", NOON)
    assert calendar.month_end("2026-11") == datetime(2026, 12, 27, 10, tzinfo=UTC)


@settings(max_examples=30)
@given(MOMENTS, ZONES, st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]), DAYS)
def test_a_cost_after_a_move_of_the_zone_is_on_a_day_of_its_month(
    moment: datetime, zone: str, other: str, day: int
) -> None:
    calendar = Calendar(zone, first_day=day).moved(other, moment)
    start = calendar.end("month", moment)
    for hours in (-30, -1, 0, 1, 12, 30):
        happened = start + timedelta(hours=hours)
        name = calendar.name("day", happened)
        assert name in calendar.days(calendar.name("month", happened))
        assert calendar.month_of_day(name) == calendar.name("month", happened)
