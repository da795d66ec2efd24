"""The forecast of a run for its approvers: every field, and paces at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import Account, Move, execution_key
from budget_monitor.domain.approvals.authority import Authority, Escalation, TimeOut
from budget_monitor.domain.approvals.pace import forecast
from budget_monitor.domain.errors import ValidationError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUN = Account(
    execution_key("acme", "e1"),
    Move(Decimal("0.5"), Decimal("0.25"), entries=3),
    began_at="2026-11-22T11:00:00Z",
)


def test_a_run_that_spent_half_a_dollar_in_3_calls_and_an_hour_has_a_pace() -> None:
    assert forecast(RUN, Decimal(5), NOON) == {
        "run_spent_usd": "0.5",
        "run_held_usd": "0.25",
        "run_calls": 3,
        "usd_per_call": "0.166666666667",
        "calls_more": 29,
        "usd_per_hour": "0.5",
        "minutes_more": 600,
    }


@pytest.mark.parametrize(("seconds", "known"), [(0, False), (1, True)])
def test_a_pace_per_hour_is_known_after_the_first_second(
    seconds: int,
    known: bool,  # noqa: FBT001 - a column of the table
) -> None:
    began = NOON - timedelta(seconds=seconds)
    found = forecast(replace(RUN, began_at=f"{began:%Y-%m-%dT%H:%M:%SZ}"), Decimal(5), NOON)
    assert found is not None
    assert (found["usd_per_hour"] is not None) is known


def test_a_tenth_of_a_second_gives_a_pace_and_no_entry_none() -> None:
    found = forecast(RUN, Decimal(5), NOON - timedelta(hours=1) + timedelta(seconds=0.5))
    assert found is not None
    assert found["usd_per_hour"] == "3600"
    assert forecast(replace(RUN, totals=Move(Decimal(1))), Decimal(5), NOON) is None
    assert forecast(replace(RUN, totals=Move(entries=1)), Decimal(5), NOON) is None


def test_a_pace_too_small_to_count_has_no_calls_left_and_halves_are_rounded_to_even() -> None:
    tiny = replace(RUN, totals=Move(Decimal("0.000000000001"), entries=4))
    found = forecast(tiny, Decimal(5), NOON)
    assert found is not None
    assert (found["usd_per_call"], found["calls_more"]) == ("0", None)
    for spent in ("0.000000000003", "0.000000000005"):
        half = forecast(replace(RUN, totals=Move(Decimal(spent), entries=2)), Decimal(5), NOON)
        assert half is not None
        assert half["usd_per_call"] == "0.000000000002"
    large = forecast(replace(RUN, totals=Move(Decimal("1E+20"), entries=1)), Decimal(5), NOON)
    assert large is not None
    assert large["usd_per_call"] == "100000000000000000000"


def test_a_damaged_beginning_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        forecast(replace(RUN, began_at="x"), Decimal(5), NOON)
    assert refused.value.field == "began_at"


def test_the_times_of_an_authority_are_whole_seconds() -> None:
    moment = timedelta(seconds=5.5)
    dumped = Authority((), None, Escalation(moment, ("bo",)), TimeOut(moment, "deny")).dump()
    assert (dumped["escalation"]["after_seconds"], dumped["time_out"]["after_seconds"]) == (5, 5)
