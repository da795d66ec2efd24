"""Calendars: periods are half-open intervals that tile time, in every zone and across changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from budget_monitor.domain.accounting.booking import book
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ValidationError
from tests.support.times import instant

KINDS = ("hour", "day", "week", "month")
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
    "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Pacific/Chatham", "America/Havana",
    "Africa/Cairo", "Asia/Beirut", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Santiago",
)  # fmt: skip
BERLIN, LORD_HOWE, KOLKATA = "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"
NOVEMBER = instant("2026-11-22T10:00:00Z")
UNIT = timedelta(microseconds=1)
MOMENTS = st.integers(0, 9 * 366 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
LONGEST = {
    "hour": timedelta(hours=2),
    "day": timedelta(hours=51),
    "week": timedelta(hours=219),
    "month": timedelta(hours=795),
}


def moved(calendar: Calendar, zone: str, moment: datetime) -> Calendar:
    """The calendar in another zone, where that is not too far behind."""
    try:
        return calendar.moved(zone, moment)
    except ValidationError:
        reject()


def start_of(calendar: Calendar, kind: str, moment: datetime) -> datetime:
    """The first moment of the period, found by looking back a quarter at a time."""
    quarter, name = timedelta(minutes=15), calendar.name(kind, moment)
    moment = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    while calendar.name(kind, moment - quarter) == name:
        moment -= quarter
    return moment


def assert_tiles(calendar: Calendar, kind: str, moment: datetime) -> None:
    """The period at that moment ends exactly where the next begins."""
    name, end = calendar.name(kind, moment), calendar.end(kind, moment)
    assert moment < end <= moment + LONGEST[kind]
    assert calendar.name(kind, end - UNIT) == name
    assert calendar.name(kind, end) != name
    assert calendar.end(kind, end - UNIT) == end
    middle = moment + (end - moment) / 2
    assert (calendar.name(kind, middle), calendar.end(kind, middle)) == (name, end)


@given(moment=MOMENTS, zone=st.sampled_from(ZONES), kind=st.sampled_from(KINDS))
def test_periods_tile_time(moment: datetime, zone: str, kind: str) -> None:
    assert_tiles(Calendar(zone), kind, moment)


@given(
    moment=MOMENTS,
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=4),
    waits=st.lists(st.integers(0, 60 * 24 * 40), min_size=4, max_size=4),
    kind=st.sampled_from(KINDS),
)
def test_periods_tile_time_across_changes_of_the_zone(
    moment: datetime, zones: list[str], waits: list[int], kind: str
) -> None:
    calendar = Calendar(zones[0])
    for zone, wait in zip(zones[1:], waits, strict=False):
        before = calendar
        calendar = moved(calendar, zone, moment)
        start = max(moment, before.end("month", moment) - timedelta(days=1))
        assert calendar.name(kind, moment) == before.name(kind, moment)
        for _ in range(4):
            assert_tiles(calendar, kind, start)
            start = calendar.end(kind, start)
        moment += timedelta(minutes=wait)


@given(moment=MOMENTS, old=st.sampled_from(ZONES), new=st.sampled_from(ZONES))
@example(NOVEMBER, "Pacific/Kiritimati", "America/Havana")
@example(NOVEMBER, "Pacific/Apia", "Pacific/Pago_Pago")
@example(NOVEMBER, "Pacific/Pago_Pago", "Pacific/Kiritimati")
def test_no_name_comes_back_after_a_change_of_the_zone(
    moment: datetime, old: str, new: str
) -> None:
    calendar = moved(Calendar(old), new, moment)
    first = Calendar(old).end("month", moment) - timedelta(days=3)
    for kind, step in (("month", 720), ("week", 60), ("day", 15), ("hour", 15)):
        ticks = [first + timedelta(minutes=step * n) for n in range(6 * 1440 // step)]
        names = [calendar.name(kind, tick) for tick in ticks]
        runs = [names[0], *(after for before, after in pairwise(names) if before != after)]
        assert len(runs) == len(set(runs)), runs


@given(moment=MOMENTS, zones=st.lists(st.sampled_from(ZONES), min_size=2, max_size=5))
def test_only_the_last_of_several_changes_in_a_month_takes_place(
    moment: datetime, zones: list[str]
) -> None:
    calendar = Calendar(zones[0])
    for zone in zones[1:]:
        calendar = moved(calendar, zone, moment)
    assert calendar == moved(Calendar(zones[0]), zones[-1], moment)
    assert calendar.zone_at(moment) == zones[0]
    assert calendar.zone_at(moment + timedelta(days=32)) == zones[-1]


@pytest.mark.parametrize(
    ("zone", "kind", "moment", "name", "end"),
    [
        ("Europe/Berlin", "month", "2026-10-31T22:59:59Z", "2026-10", "2026-10-31T23:00:00Z"),
        ("Europe/Berlin", "day", "2026-10-25T12:00:00Z", "2026-10-25", "2026-10-25T23:00:00Z"),
        ("Europe/Berlin", "day", "2026-03-29T12:00:00Z", "2026-03-29", "2026-03-29T22:00:00Z"),
        (BERLIN, "hour", "2026-10-25T00:30:00Z", "2026-10-25T02+0200", "2026-10-25T01:00:00Z"),
        (BERLIN, "hour", "2026-10-25T01:30:00Z", "2026-10-25T02+0100", "2026-10-25T02:00:00Z"),
        (BERLIN, "hour", "2026-03-29T00:59:00Z", "2026-03-29T01+0100", "2026-03-29T01:00:00Z"),
        (BERLIN, "hour", "2026-03-29T01:00:00Z", "2026-03-29T03+0200", "2026-03-29T02:00:00Z"),
        ("America/New_York", "day", "2026-11-01T12:00:00Z", "2026-11-01", "2026-11-02T05:00:00Z"),
        ("America/New_York", "week", "2026-11-01T12:00:00Z", "2026-W44", "2026-11-02T05:00:00Z"),
        ("America/New_York", "month", "2026-12-01T04:59:59Z", "2026-11", "2026-12-01T05:00:00Z"),
        (LORD_HOWE, "hour", "2026-10-03T15:15:00Z", "2026-10-04T01+1030", "2026-10-03T15:30:00Z"),
        (LORD_HOWE, "hour", "2026-10-03T15:45:00Z", "2026-10-04T02+1100", "2026-10-03T16:00:00Z"),
        (LORD_HOWE, "hour", "2026-04-04T15:15:00Z", "2026-04-05T01+1030", "2026-04-04T15:30:00Z"),
        (LORD_HOWE, "day", "2026-04-05T00:00:00Z", "2026-04-05", "2026-04-05T13:30:00Z"),
        (KOLKATA, "hour", "2026-11-22T10:29:59Z", "2026-11-22T15+0530", "2026-11-22T10:30:00Z"),
        ("UTC", "week", "2027-01-03T23:59:59Z", "2026-W53", "2027-01-04T00:00:00Z"),
        ("UTC", "month", "2028-02-29T23:59:59Z", "2028-02", "2028-03-01T00:00:00Z"),
        ("Pacific/Kiritimati", "month", "2026-11-30T09:59:59Z", "2026-11", "2026-11-30T10:00:00Z"),
    ],
)  # fmt: skip
def test_periods_by_hand(zone: str, kind: str, moment: str, name: str, end: str) -> None:
    calendar = Calendar(zone)
    assert calendar.name(kind, instant(moment)) == name
    assert calendar.end(kind, instant(moment)) == instant(end)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("days", [1, 7, 28])
def test_days_across_daylight_saving_have_their_true_length(zone: str, days: int) -> None:
    calendar = Calendar(zone)
    moment = start_of(calendar, "day", instant("2026-01-15T12:00:00Z"))
    lengths = set()
    for _ in range(365 // days):
        first, moment = moment, calendar.end("day", moment)
        lengths.add(moment - first)
        moment += timedelta(days=days - 1)
        moment = start_of(calendar, "day", moment)
    shift = timedelta(minutes=30 if zone == "Australia/Lord_Howe" else 60)
    allowed = {timedelta(days=1) + sign * shift for sign in (-1, 0, 1)}
    assert lengths == allowed if days == 1 else lengths <= allowed


@given(moment=MOMENTS, zone=st.sampled_from(ZONES), ago=st.integers(0, 60 * 24 * 45))
def test_a_cost_is_booked_in_its_month_until_72_hours_after_it(
    moment: datetime, zone: str, ago: int
) -> None:
    calendar, occurred = Calendar(zone), moment - timedelta(minutes=ago)
    booking = book(calendar, occurred, moment)

    late = moment >= calendar.end("month", occurred) + timedelta(hours=72)
    local = (moment if late else occurred).astimezone(ZoneInfo(zone))
    assert booking.late is late
    assert (booking.month, booking.day) == (f"{local:%Y-%m}", f"{local:%Y-%m-%d}")


def test_a_zone_in_which_a_day_would_come_twice_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        Calendar("Pacific/Kiritimati").moved("Pacific/Pago_Pago", NOVEMBER)
    assert refused.value.field == "time_zone"


def test_a_change_that_is_taken_back_never_was() -> None:
    now = instant("2026-11-22T10:00:00Z")
    calendar = Calendar().moved("Asia/Tokyo", now)
    assert calendar.changes == ((instant("2026-12-01T00:00:00Z"), "Asia/Tokyo"),)
    assert calendar.moved("UTC", now + timedelta(days=1)) == Calendar()
