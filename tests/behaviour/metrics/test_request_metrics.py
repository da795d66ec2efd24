"""Metrics of requests about money: one line for each, with dimensions that name nobody."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor import tally
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.log_lines import request_metrics
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.knobs import scripted
from tests.support.rules.governing import WHO, set_budget


@pytest.fixture
def tenant(memory_cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]) -> Tenant:
    """A tenant whose month is limited to 10 USD."""
    made = Tenant(DirectDoor())
    set_budget(made, "tenant-month", "10")
    capsys.readouterr()
    return made


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The metrics of the only request since they were looked at last, without its latency."""
    (one,) = request_metrics(capsys)
    assert one.pop("Latency") >= 0
    assert one.pop("Stack") == "tests"
    return one


def test_a_granted_hold_counts_a_decision_and_the_usd_held(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.reserve("2.5")
    assert told(capsys) == {
        "Operation": "reserve",
        "Outcome": "allow",
        "Reason": "NONE",
        "Decisions": 1,
        "HeldUsd": 2.5,
    }


def test_a_refusal_counts_with_its_reason_and_holds_nothing(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.spend("9")
    request_metrics(capsys)
    tenant.check("2")
    assert told(capsys) == {
        "Operation": "check",
        "Outcome": "block",
        "Reason": "TENANT_MONTH_EXCEEDED",
        "Decisions": 1,
        "Refusals": 1,
    }


def test_spend_counts_once_for_settlements_draws_batches_and_not_for_replays(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tenant.hold("5")
    request_metrics(capsys)
    tenant.draw(held, "1")
    assert told(capsys) == {"Operation": "draw", "SpentUsd": 1}
    tenant.settle(held, "2.25")
    assert told(capsys) == {"Operation": "settle", "SpentUsd": 2.25}
    costs = [{"agent_execution_id": f"run-{n}", "cost_usd": "0.5"} for n in range(3)]
    tenant.call("record_costs", costs=costs)
    assert told(capsys) == {"Operation": "record_costs", "SpentUsd": 1.5}
    tenant.record("1", entry_id="once", agent_execution_id="run")
    assert told(capsys) == {"Operation": "record_cost", "SpentUsd": 1}
    tenant.record("1", entry_id="once", agent_execution_id="run")
    assert told(capsys) == {"Operation": "record_cost"}


def test_a_quarantined_cost_is_not_spent(
    tenant: Tenant, memory_cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    memory_cloud.set_limits(entry="1")
    tenant.record("5")
    assert told(capsys) == {"Operation": "record_cost"}


def test_a_cost_by_a_fallback_price_is_counted(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    price = {"input_usd_per_million": "1", "output_usd_per_million": "1"}
    tenant.call("set_tenant", fallback_price=price, **WHO)
    capsys.readouterr()
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    tenant.call("record_cost", agent_execution_id="run", model="nobody-knows", usage=usage)
    assert told(capsys) == {"Operation": "record_cost", "SpentUsd": 1, "PriceFallbacks": 1}


def test_conflicts_and_retries_of_a_request_are_counted(
    tenant: Tenant, memory_cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    memory_cloud.database.conflicts = scripted(["TransactionConflict", "TransactionConflict"])
    tenant.spend("1")
    found = told(capsys)
    assert (found[tally.CONFLICTS], found[tally.RETRIES]) == (2, 2)


def test_reports_and_decisions_of_people_are_not_measured(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.usage()
    set_budget(tenant, "tenant-month", "20")
    assert request_metrics(capsys) == []
