"""A month that ended gets one statement, which is never changed; what comes late, another one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from functions.expiring import app as expiring
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.docs.pages import titled
from tests.support.months.closing import (
    alerts,
    busy,
    close,
    money,
    outcome,
    statement,
    statements,
    total,
)
from tests.support.times import at

WHO = {"by": "maria", "reason": "so it was agreed"}


def test_a_statement_says_what_the_month_came_to(tenant: Tenant) -> None:
    busy(tenant)

    with at("2026-12-01T03:00:00Z"):
        assert outcome(close()) == (1, 0)
        told = statement(tenant)

    expected = {
        "tenant_id": tenant.id,
        "scope": "tenant",
        "month": "2026-11",
        "number": 1,
        "ends_at": "2026-12-01T00:00:00Z",
        "takes_costs_until": "2026-12-04T00:00:00Z",
        "limit_usd": "1000",
        "spent_usd": "7.250000000001",
        "overrun_usd": "0",
        "held_usd": "3",
        "agent_cost_usd": "6.5",
        "workflow_cost_usd": "0.750000000001",
        "entries": 4,
        "tokens": 16,
        "input_tokens": 5,
        "output_tokens": 2,
        "late": {"spent_usd": "4", "tokens": 0, "entries": 1},
        "by_agent_others": None,
        "by_model_others": None,
    }
    assert {name: told[name] for name in expected} == expected
    assert told["closed_at"].startswith("2026-12-01T03:00:00")
    documented = json.loads(titled("statement"))
    assert told.keys() == documented.keys()
    for name in ("by_agent", "by_model", "late"):
        assert shape(told[name]) == shape(documented[name])


def shape(value: Any) -> Any:
    """The field names of an object, or of a list's first object."""
    return set(value[0] if isinstance(value, list) else value)


def test_its_breakdowns_add_up_to_the_last_digit(tenant: Tenant) -> None:
    busy(tenant)

    with at("2026-12-01T03:00:00Z"):
        close()
        told = statement(tenant)

    assert total(told["by_agent"]) == total(told["by_model"]) == Decimal(told["spent_usd"])
    assert [one["name"] for one in told["by_agent"]] == [None, "critic", "writer"]
    assert [one["name"] for one in told["by_model"]] == [None, "gpt-x"]
    parts = Decimal(told["agent_cost_usd"]) + Decimal(told["workflow_cost_usd"])
    assert parts == Decimal(told["spent_usd"])
    assert sum(one["entries"] for one in told["by_agent"]) == told["entries"]


def test_an_overrun_is_shown_in_full(tenant: Tenant, cloud: Cloud) -> None:
    cloud.set_limits(tenant="10")
    with at("2026-11-10T10:00:00Z"):
        tenant.spend("12.5")
    with at("2026-12-01T03:00:00Z"):
        close()
        told = statement(tenant)

    assert (told["limit_usd"], told["overrun_usd"]) == ("10", "2.5")


@pytest.mark.parametrize("runs", [1, 2, 10])
def test_however_often_it_runs_there_is_one_statement_one_alert_and_the_same_money(
    tenant: Tenant, cloud: Cloud, runs: int
) -> None:
    busy(tenant)
    before = money(cloud)

    with at("2026-12-03T03:00:00Z"):
        found = [outcome(close()) for _ in range(runs)]

    assert found == [(2, 0), *[(0, 2)] * (runs - 1)]
    assert money(cloud) == before
    assert alerts(cloud) == sorted(["*", tenant.id])
    assert [one["number"] for one in statements(tenant)] == [1]


def test_without_any_run_the_new_month_has_begun_and_nothing_alerts(tenant: Tenant) -> None:
    busy(tenant)
    with at("2026-12-02T00:00:00Z"):
        assert tenant.usage()["spent_usd"] == "0"
        assert tenant.usage(month="2026-11")["spent_usd"] == "7.250000000001"
        assert statements(tenant) == []


def test_what_comes_late_makes_a_second_statement_and_the_first_stays(
    tenant: Tenant, cloud: Cloud
) -> None:
    busy(tenant)
    with at("2026-12-01T03:00:00Z"):
        close()
        first = statement(tenant)
    with at("2026-12-02T10:00:00Z"):
        tenant.spend("0.75", entry_id="late", occurred_at="2026-11-30T12:00:00Z", agent="critic")
        tenant.adjust("late", "-0.25")
    with at("2026-12-03T03:00:00Z"):
        assert outcome(close()) == (2, 0)
        assert outcome(close()) == (0, 2)
        second, kept = statements(tenant)

    assert kept == first
    assert (second["number"], second["spent_usd"]) == (2, "7.750000000001")
    assert total(second["by_agent"]) == Decimal("7.750000000001")
    assert alerts(cloud) == sorted(["*", tenant.id])


def test_after_the_grace_late_costs_are_in_the_next_months_statement(tenant: Tenant) -> None:
    busy(tenant)
    with at("2026-12-05T03:00:00Z"):
        close()
        tenant.spend("0.75", occurred_at="2026-11-30T12:00:00Z")
        assert outcome(close()) == (0, 2)
    with at("2027-01-01T03:00:00Z"):
        close()
        december, november = statements(tenant)

    assert (december["month"], december["late"]["spent_usd"]) == ("2026-12", "0.75")
    assert (november["number"], november["spent_usd"]) == (1, "7.250000000001")


def test_a_hold_that_ended_is_no_reason_for_another_statement(tenant: Tenant) -> None:
    busy(tenant)
    with at("2026-12-01T00:01:00Z"):
        assert close()["statements"] == 1
    with at("2026-12-01T03:00:00Z"):
        assert expiring.lambda_handler({"operation": "expire"}, None) == {"expired": 1}
        assert close()["already_closed"] == 1
        assert statement(tenant)["held_usd"] == "3"


def test_the_system_is_closed_when_its_month_has_ended_in_every_zone(
    tenant: Tenant, cloud: Cloud
) -> None:
    busy(tenant)
    other = Tenant(tenant.door)
    with at("2026-11-12T00:00:00Z"):
        other.spend("100", agent="writer")
    with at("2026-12-01T11:59:00Z"):
        answer = close()
        assert (answer["statements"], answer["too_early"]) == (2, 1)
        assert tenant.door.call("system_statements").body["items"] == []
    with at("2026-12-01T12:00:00Z"):
        assert outcome(close()) == (1, 2)
        (told,) = tenant.door.call("system_statements").body["items"]

    assert (told["tenant_id"], told["scope"]) == (None, "system")
    assert (told["spent_usd"], told["late"]["spent_usd"]) == ("107.250000000001", "4")
    assert [one["name"] for one in told["by_tenant"]] == [other.id, tenant.id]
    assert told["takes_costs_until"] == "2026-12-04T12:00:00Z"
    assert (told["limit_usd"], total(told["by_tenant"])) == ("10000", Decimal(told["spent_usd"]))


def test_the_limits_are_those_of_the_months_last_moment_whatever_was_decided_since(
    tenant: Tenant, cloud: Cloud
) -> None:
    def decide(operation: str, **fields: Any) -> None:
        assert tenant.call(operation, **fields, **WHO).error is None

    month = {"scope": "tenant", "period": "month"}
    daily = {"budget_id": "ada", "scope": "user", "scope_id": "ada", "period": "day"}
    with at("2026-11-10T10:00:00Z"):
        tenant.spend("55")
        decide("set_budget", budget_id="tenant-month", limit_usd="50", **month)
        decide("raise_limit", budget_id="tenant-month", raise_id="demo", amount_usd="2")
        decide("set_budget", limit_usd="1", **daily)
    with at("2026-12-01T01:00:00Z"):
        decide("set_budget", budget_id="tenant-month", limit_usd="7", **month)
        decide("delete_budget", budget_id="ada")
        decide("set_budget", **{**daily, "budget_id": "later", "limit_usd": "9"})
        system = {"budget_id": "tenant-month", "limit_usd": "3", **month, **WHO}
        assert tenant.door.call("set_system_budget", **system).error is None
    with at("2026-12-01T03:00:00Z"):
        close()
        told = statement(tenant)

    assert (told["limit_usd"], told["overrun_usd"]) == ("52", "3")
    budgets = {one["budget_id"]: one for one in told["budgets"]}
    assert "later" not in budgets
    assert budgets["ada"]["limit_usd"] == "1"
    assert budgets["tenant-month"]["raises"] == [{"raise_id": "demo", "amount_usd": "2"}]


def test_a_default_that_the_system_changed_since_is_shown_as_it_was(tenant: Tenant) -> None:
    with at("2026-11-10T10:00:00Z"):
        tenant.spend("55")
        lift = {"budget_id": "tenant-month", "raise_id": "demo", "amount_usd": "2"}
        assert tenant.call("raise_limit", **lift, **WHO).error is None
    with at("2026-12-01T01:00:00Z"):
        change = {"scope": "tenant", "period": "month", "limit_usd": "3"}
        changed = tenant.door.call("set_system_budget", budget_id="tenant-month", **change, **WHO)
        assert changed.error is None
    with at("2026-12-01T03:00:00Z"):
        close()
        assert statement(tenant)["limit_usd"] == "1002"
