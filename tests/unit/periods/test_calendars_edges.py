"""Calendars and forecasts: the moment that a cost is booked in, and a move to another zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.months.forecasts import Forecast, forecast_of
from tests.unit.months.test_forecasts import series

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
IN_JANUARY = datetime(2027, 1, 10, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
MOVED = Calendar("UTC", ((DECEMBER, "Asia/Tokyo"),))


def test_a_change_holds_from_its_moment_and_the_next_begins_with_a_month_of_that_zone() -> None:
    again = MOVED.moved("Europe/Berlin", DECEMBER)
    january = datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert again == Calendar("UTC", ((DECEMBER, "Asia/Tokyo"), (january, "Europe/Berlin")))
    assert MOVED.moved("Europe/Berlin", NOON) == Calendar("UTC", ((DECEMBER, "Europe/Berlin"),))


def test_a_zone_holds_from_its_very_moment_on() -> None:
    before = DECEMBER - timedelta(microseconds=1)
    assert [MOVED.zone_at(moment) for moment in (before, DECEMBER)] == ["UTC", "Asia/Tokyo"]


def test_a_minute_ends_at_the_next_full_one() -> None:
    moment = datetime(2026, 11, 22, 10, 5, 30, 500_000, tzinfo=UTC)
    assert Calendar().end("minute", moment) == datetime(2026, 11, 22, 10, 6, tzinfo=UTC)


def test_a_zone_may_be_a_whole_day_behind_and_no_more() -> None:
    first = Calendar("Pacific/Kiritimati")
    assert first.moved("Pacific/Honolulu", NOON).changes[0][1] == "Pacific/Honolulu"
    words = r"^time_zone Pacific/Pago_Pago is more than a day behind$"
    with pytest.raises(ValidationError, match=words) as refused:
        first.moved("Pacific/Pago_Pago", NOON)
    assert refused.value.field == "time_zone"


def test_too_few_days_still_say_what_was_spent_of_what() -> None:
    found = forecast_of(series(["5", "5"], today="1"), Decimal(20))
    assert found == Forecast(Decimal(11), Decimal(20), 2)


def test_a_limit_that_only_earlier_costs_pass_is_reached_today() -> None:
    found = forecast_of(series(["1", "1", "1"], earlier="100"), Decimal(50))
    assert found.reached_on == "2026-11-04"
