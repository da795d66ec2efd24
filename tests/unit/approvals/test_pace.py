"""The pace of a run in numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, Move, execution_key
from budget_monitor.domain.approvals.pace import forecast

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUN = execution_key("acme", "run")


def run(spent: str, entries: int, began_at: str | None = "2026-11-22T11:00:00Z") -> Account:
    return Account(RUN, Move(spent=Decimal(spent), entries=entries), began_at=began_at)


def test_10_usd_in_3_calls_and_one_hour_are_3_333_usd_a_call_and_10_usd_an_hour() -> None:
    found = forecast(run("10", 3), Decimal(5), NOON)
    assert found is not None
    assert (found["usd_per_call"], found["usd_per_hour"]) == ("3.333333333333", "10")
    assert (found["calls_more"], found["minutes_more"]) == (1, 30)


def test_a_run_whose_begin_is_unknown_or_now_has_no_pace_per_hour() -> None:
    for began_at in (None, "2026-11-22T12:00:00Z"):
        found = forecast(run("10", 2, began_at), Decimal(5), NOON)
        assert found is not None
        assert (found["usd_per_hour"], found["minutes_more"]) == (None, None)


def test_a_run_that_is_unknown_or_free_has_no_forecast() -> None:
    assert forecast(None, Decimal(5), NOON) is None
    assert forecast(run("0", 4), Decimal(5), NOON) is None
