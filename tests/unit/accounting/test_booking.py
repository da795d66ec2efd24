"""A cost is booked in its own month until 72 hours after its end, then in the present one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.booking import book, correct, in_own_month
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.periods import Booking, month_end, parse_instant

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9989, 12, 30)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
IN_JANUARY = datetime(2027, 1, 10, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
MOVED = Calendar("UTC", ((DECEMBER, "Asia/Tokyo"),))


def at(text: str) -> datetime:
    return parse_instant(text, "at")


def test_a_cost_is_booked_in_the_month_in_which_it_happened() -> None:
    assert book(Calendar(), at("2026-11-22T10:00:00Z"), at("2026-11-22T10:00:01Z")) == Booking(
        "2026-11", "2026-11-22"
    )


def test_a_month_takes_costs_for_72_hours_after_its_end() -> None:
    happened = at("2026-10-31T23:59:59Z")
    assert book(Calendar(), happened, at("2026-11-03T23:59:59Z")).month == "2026-10"
    late = book(Calendar(), happened, at("2026-11-04T00:00:00Z"))
    assert late == Booking("2026-11", "2026-11-04", late=True, happened_on="2026-10-31")


@pytest.mark.parametrize(
    ("zone", "month"), [("UTC", "2026-11"), ("Asia/Tokyo", "2026-12"), ("Etc/GMT+12", "2026-11")]
)
def test_the_month_is_that_of_the_tenants_zone(zone: str, month: str) -> None:
    moment = at("2026-11-30T16:00:00Z")
    assert book(Calendar(zone), moment, moment).month == month


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_cost_is_late_exactly_when_its_month_ended_72_hours_ago(
    moment: datetime, passed: timedelta
) -> None:
    now = moment + passed
    ended = month_end(moment.strftime("%Y-%m"), "UTC")
    assert (book(Calendar(), moment, now).late) == (now >= ended + timedelta(hours=72))


def test_a_cost_booked_on_its_own_day_has_happened_on_no_other() -> None:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert book(Calendar(), at, at) == Booking(
        "2026-11", "2026-11-22", late=False, happened_on=None
    )


def test_a_cost_of_another_zone_keeps_the_utc_day_on_which_it_happened() -> None:
    at = datetime(2026, 11, 22, 20, tzinfo=UTC)
    booked = Booking("2026-11", "2026-11-23", late=False, happened_on="2026-11-22")
    assert book(Calendar("Asia/Tokyo"), at, at) == booked


def test_a_late_cost_is_booked_in_the_present_of_its_zone() -> None:
    happened, now = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC)
    late = Booking("2026-12", "2026-12-01", late=True, happened_on="2026-08-01")
    assert book(Calendar("Asia/Tokyo"), happened, now) == late


def test_a_cost_is_booked_in_its_own_moment_and_a_late_one_in_the_present() -> None:
    booked = book(Calendar(), NOON, NOON + timedelta(days=3))
    assert (booked.month, booked.day, booked.late, booked.moment) == (
        "2026-11",
        "2026-11-22",
        False,
        NOON,
    )
    late = book(Calendar(), NOON, IN_JANUARY)
    assert (late.month, late.day, late.late, late.moment) == (
        "2027-01",
        "2027-01-10",
        True,
        IN_JANUARY,
    )


def test_a_month_takes_costs_until_the_last_microsecond_of_72_hours() -> None:
    closed = DECEMBER + timedelta(hours=72)
    assert book(Calendar(), NOON, closed - timedelta(microseconds=1)).month == "2026-11"
    assert book(Calendar(), NOON, closed).month == "2026-12"


def test_a_cost_is_booked_in_the_zone_of_its_own_moment() -> None:
    evening = datetime(2026, 11, 30, 20, tzinfo=UTC)
    assert book(MOVED, evening, DECEMBER + timedelta(hours=1)).day == "2026-11-30"
    assert (
        book(MOVED, DECEMBER + timedelta(hours=20), IN_JANUARY - timedelta(9)).day == "2026-12-02"
    )


OCTOBER = Booking("2026-10", "2026-10-31")
HAPPENED = datetime(2026, 10, 31, 12, tzinfo=UTC)
CLOSES = datetime(2026, 11, 4, tzinfo=UTC)


def test_a_correction_is_booked_with_its_cost_until_72_hours_after_the_month() -> None:
    before = CLOSES - timedelta(microseconds=1)
    assert correct(Calendar(), OCTOBER, HAPPENED, before) is OCTOBER
    late = Booking("2026-11", "2026-11-04", late=True, happened_on="2026-10-31")
    found = correct(Calendar(), OCTOBER, HAPPENED, CLOSES)
    assert (found, found.moment) == (late, CLOSES)


def test_a_late_correction_is_booked_in_the_present_of_the_tenants_zone() -> None:
    now = datetime(2026, 12, 31, 16, tzinfo=UTC)
    found = correct(Calendar("Asia/Tokyo"), OCTOBER, HAPPENED, now)
    assert found == Booking("2027-01", "2027-01-01", late=True, happened_on="2026-10-31")


def test_a_backfilled_cost_is_corrected_in_its_own_month_after_years() -> None:
    imported = in_own_month(Calendar(), HAPPENED, backfill=True)
    assert imported == Booking("2026-10", "2026-10-31", backfill=True)
    assert correct(Calendar(), imported, HAPPENED, IN_JANUARY) is imported
    assert not in_own_month(Calendar(), HAPPENED).backfill
