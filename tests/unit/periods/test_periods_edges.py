"""Periods: the first and the last year, the words of a refusal, the day on which it happened."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import (
    day_of,
    days_of,
    last_month_of,
    month_end,
    month_of,
    not_ahead,
    parse_day,
    parse_instant,
    parse_month,
    render_instant,
    sortable,
)


@pytest.mark.parametrize("month", ["1970-01", "9990-12", "2026-11"])
def test_months_from_1970_to_9990_are_known(month: str) -> None:
    assert parse_month(month, "month") == month


@pytest.mark.parametrize("month", ["1969-12", "9991-01", 11, None, "2026-11x"])
def test_any_other_month_is_refused_by_its_field_and_with_an_example(month: object) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_month(month, "month")
    assert refused.value.field == "month"
    assert refused.value.message == 'month must be a month, such as "2026-11"'


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "9990-12-31T23:59:59.999999Z"])
def test_instants_from_1970_to_9990_are_known(text: str) -> None:
    assert render_instant(parse_instant(text, "at")) == text


@pytest.mark.parametrize(
    "text",
    ["1969-12-31T23:59:59Z", "9991-01-01T00:00:00Z", "2026-02-30T00:00:00Z", 5, "2026-11-22T1:0Z"],
)
def test_any_other_instant_is_refused_by_its_field_and_with_an_example(text: object) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_instant(text, "occurred_at")
    assert refused.value.field == "occurred_at"
    assert refused.value.message == (
        'occurred_at must be a date-time with an offset, such as "2026-11-22T10:00:00Z"'
    )


@pytest.mark.parametrize(
    ("text", "microsecond", "hour"),
    [
        ("2026-11-22T10:00:00.000001Z", 1, 10),
        ("2026-11-22T10:00:00.5z", 500000, 10),
        ("2026-11-22t10:00:00.05-05:30", 50000, 15),
        ("2026-11-22T10:00:00.123456789+00:00", 123456, 10),
        ("2026-11-22T10:00:00Z", 0, 10),
    ],
)
def test_an_instant_keeps_its_microseconds_and_loses_its_offset(
    text: str, microsecond: int, hour: int
) -> None:
    moment = parse_instant(text, "at")
    assert (moment.microsecond, moment.hour, moment.tzinfo) == (microsecond, hour, UTC)


def test_a_day_is_read_only_as_it_is_written() -> None:
    assert parse_day("2026-11-22") == "2026-11-22"
    for text in ("2026-11", "2026-11-2", "2026-11-31", "2026-11-22T", "2026-W47-7", 20261122, None):
        with pytest.raises((ValueError, ValidationError)):
            parse_day(text)
    with pytest.raises(ValueError, match=r"^not a day$"):
        parse_day(None)
    with pytest.raises(ValidationError) as refused:
        parse_day("2026-13-01")
    assert refused.value.field == "day"


def test_a_moment_has_another_day_and_month_in_another_zone() -> None:
    moment = datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert (month_of(moment, "UTC"), day_of(moment, "UTC")) == ("2026-11", "2026-11-30")
    assert (month_of(moment, "Asia/Tokyo"), day_of(moment, "Asia/Tokyo")) == (
        "2026-12",
        "2026-12-01",
    )


def test_a_month_has_all_its_days_in_order_and_no_other() -> None:
    assert days_of("2026-02") == [f"2026-02-{day:02}" for day in range(1, 29)]
    assert days_of("2026-12")[-1] == "2026-12-31"


def test_every_month_ends_where_the_next_begins() -> None:
    assert month_end("2026-01", "UTC") == datetime(2026, 2, 1, tzinfo=UTC)
    assert month_end("2026-02", "UTC") == datetime(2026, 3, 1, tzinfo=UTC)
    assert month_end("2026-11", "Asia/Tokyo") == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert month_end("2026-11", "Asia/Tokyo").tzinfo is UTC


def test_an_instant_is_stored_at_a_fixed_width_and_shown_as_short_as_it_is() -> None:
    tokyo = parse_instant("2026-11-22T19:00:00+09:00", "at")
    assert sortable(tokyo) == "2026-11-22T10:00:00.000000Z"
    assert render_instant(tokyo) == "2026-11-22T10:00:00Z"
    assert sortable(datetime.fromisoformat("2026-11-22T19:00:00+09:00")) == sortable(tokyo)
    assert render_instant(datetime.fromisoformat("2026-11-22T19:00:00+09:00")) == (
        "2026-11-22T10:00:00Z"
    )


@pytest.fixture
def machine_in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process believes to stand in Tokyo."""
    with monkeypatch.context() as here:
        here.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def test_where_the_machine_stands_changes_nothing(machine_in_tokyo: None) -> None:
    moment = parse_instant("2026-11-22T10:00:00+02:00", "at")
    assert (moment.hour, moment.tzinfo) == (8, UTC)
    assert render_instant(moment) == "2026-11-22T08:00:00Z"
    assert sortable(moment) == "2026-11-22T08:00:00.000000Z"
    assert (month_of(moment, "UTC"), day_of(moment, "UTC")) == ("2026-11", "2026-11-22")
    assert month_end("2026-11", "UTC") == datetime(2026, 12, 1, tzinfo=UTC)
    assert str(month_end("2026-11", "UTC")) == "2026-12-01 00:00:00+00:00"


@pytest.mark.parametrize(
    ("kind", "month", "last"),
    [
        ("month", "2026-01", "2026-01"),
        ("month", "2026-12", "2026-12"),
        ("quarter", "2026-01", "2026-03"),
        ("quarter", "2026-03", "2026-03"),
        ("quarter", "2026-04", "2026-06"),
        ("quarter", "2026-11", "2026-12"),
        ("year", "2026-01", "2026-12"),
    ],
)
def test_a_quarter_ends_with_its_third_month_and_a_year_with_december(
    kind: str, month: str, last: str
) -> None:
    assert last_month_of(kind, month) == last


def test_a_cost_may_be_5_minutes_ahead_and_not_a_microsecond_more() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    not_ahead(None, now)
    not_ahead(now, now)
    not_ahead(now + timedelta(minutes=5), now)
    for named, field in (((), "occurred_at"), (("costs[3].occurred_at",), "costs[3].occurred_at")):
        with pytest.raises(ValidationError) as refused:
            not_ahead(now + timedelta(minutes=5, microseconds=1), now, *named)
        assert refused.value.field == field
        words = f"{field} is more than 5 minutes ahead of the server's time"
        assert refused.value.message == words
