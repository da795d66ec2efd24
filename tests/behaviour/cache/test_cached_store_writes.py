"""Whoever wrote drops the copies: the next question is answered by what was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import MARIA, RUN, told
from tests.support.cache.faulty_valkey import FaultyValkey
from tests.support.dynamodb.faults import answer_lost, faults
from tests.support.times import later

pytestmark = pytest.mark.usefixtures("unhurried")

REPORTS = ("tenant_usage", "agent_costs", "model_costs", "daily_costs")


def spent(tenant: Tenant) -> list[Any]:
    """What each report says was spent."""
    shown = [tenant.call(one).body for one in REPORTS]
    shown.append(tenant.call("execution", **RUN).body)
    shown.append(tenant.door.call("system_usage").body)
    return [one.get("spent_usd", one.get("total_usd")) for one in shown]


def sources(tenant: Tenant) -> set[str]:
    """Where each report came from."""
    shown = [tenant.call(one).body for one in REPORTS]
    shown.append(tenant.call("execution", **RUN).body)
    shown.append(tenant.door.call("system_usage").body)
    return {one["source"] for one in shown}


def test_reports_are_copied_and_a_cost_is_shown_at_once(cached: Tenant) -> None:
    cached.spend("1", **RUN)
    assert sources(cached) >= {"store"}
    assert sources(cached) == {"cache"}

    cached.spend("0.5", **RUN)

    assert spent(cached) == ["1.5"] * 6
    assert sources(cached) == {"cache"}


def test_a_report_near_its_limit_is_the_stores(cached: Tenant) -> None:
    cached.spend("9.5", **RUN)
    sources(cached)

    assert cached.call("execution", **RUN).body["source"] == "store"
    assert cached.usage()["source"] == "cache"


def test_a_limit_that_was_decided_is_shown_at_once(cached: Tenant) -> None:
    sources_before = [cached.usage()["source"] for _ in range(2)]
    raised = {"raise_id": "more", "amount_usd": "5", **MARIA}
    cached.call("raise_limit", budget_id="tenant-month", **raised)

    assert sources_before == ["store", "cache"]
    assert cached.usage()["limit_usd"] == "1005"


def test_an_unknown_run_is_unknown_and_then_known(cached: Tenant) -> None:
    for _ in range(2):
        assert cached.call("execution", **RUN).error == "NOT_FOUND"
    cached.spend("1", **RUN)

    assert cached.call("execution", **RUN).body["spent_usd"] == "1"


MOVES: dict[str, Callable[[Tenant, str], Any]] = {
    "a settlement": lambda tenant, hold: tenant.settle(hold, "2").body,
    "a release": lambda tenant, hold: tenant.release(hold).body,
    "a batch": lambda tenant, _: (
        tenant.call("record_costs", costs=[{**RUN, "cost_usd": "2", "entry_id": "one"}]).body
    ),
    "an adjustment": lambda tenant, _: tenant.adjust("first", "2").body,
    "another hold": lambda tenant, _: tenant.hold("2", **RUN),
}


@pytest.mark.parametrize("move", MOVES)
def test_every_move_of_money_drops_the_copies(cached: Tenant, move: str) -> None:
    cached.spend("1", entry_id="first", **RUN)
    hold = cached.hold("1", **RUN)
    before = told(cached)["status"]
    MOVES[move](cached, hold)

    answer = cached.check("0.01", **RUN).body

    assert before["held_usd"] == "1"
    assert answer["status"] != before
    assert answer["status"]["spent_usd"] == cached.usage()["spent_usd"]


def test_holds_that_expired_drop_the_copies(cached: Tenant) -> None:
    cached.hold("1", expires_in_seconds=1, **RUN)
    with later(seconds=2):
        assert told(cached)["status"]["held_usd"] == "1"
        cached.door.call("expire")

        assert cached.check("0.01", **RUN).body["status"]["held_usd"] == "0"


def test_a_write_whose_answer_was_lost_drops_the_copies(
    cached: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(cached)
    faults(monkeypatch, "TransactWriteItems", [answer_lost] * 3)

    assert cached.record("1", **RUN).error == "UNAVAILABLE"

    assert cached.check("0.01", **RUN).body["status"]["spent_usd"] == "1"


def test_a_process_that_could_not_drop_its_copies_reads_none_until_they_are_gone(
    cached: Tenant, liar: FaultyValkey, caplog: pytest.LogCaptureFixture
) -> None:
    told(cached)
    liar.mode = "READONLY"
    cached.spend("1", **RUN)
    cached.spend("1", **RUN)
    liar.mode = "pass"

    with later(seconds=9):
        assert cached.check("0.01", **RUN).body["source"] == "store"
    with later(seconds=11):
        assert told(cached)["source"] == "store"  # the breaker is open, in real time
    assert [one.message for one in caplog.records if "deleted" in one.message] == [
        "copies could not be deleted: old values may be shown for up to 10 s"
    ]
