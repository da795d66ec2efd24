"""The breakdowns: by agent, by model, by day, each adding up to the month."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.builders import Tenant, by_name
from tests.support.times import at

BREAKDOWNS = {"agent_costs": "agent", "model_costs": "model"}


@pytest.mark.parametrize(("operation", "label"), BREAKDOWNS.items())
def test_costs_without_the_label_appear_without_a_name(
    tenant: Tenant, operation: str, label: str
) -> None:
    tenant.spend("1", **{label: "first"})
    tenant.spend("2")
    tenant.spend("5", workflow_execution_id="flow-1")

    breakdown = tenant.call(operation).body

    assert by_name(breakdown) == {"first": "1", None: "7"}
    assert breakdown["total_usd"] == "8"
    shares = {item["name"]: item["share_percent"] for item in breakdown["items"]}
    assert shares == {"first": "12.5", None: "87.5"}


@pytest.mark.parametrize(("operation", "label"), BREAKDOWNS.items())
def test_names_are_told_apart_to_the_letter(tenant: Tenant, operation: str, label: str) -> None:
    """Case and the route before a slash do not make another model."""
    names = ["writer", "a#b", "a", "a%23b", "null", "None", "é", "a/b"]
    names = names[:-1] if label == "model" else [*names, "Writer"]
    for name in names:
        tenant.spend("1", **{label: name})

    assert by_name(tenant.call(operation).body) == dict.fromkeys(names, "1")


@pytest.mark.parametrize(("operation", "label"), BREAKDOWNS.items())
def test_spellings_of_one_name_are_one_line(tenant: Tenant, operation: str, label: str) -> None:
    for name in ("é", "e\u0301", " é"):
        tenant.spend("1", **{label: name})

    assert by_name(tenant.call(operation).body) == {"é": "3"}


def test_the_days_add_up_to_the_month(tenant: Tenant) -> None:
    with at("2026-11-20T10:00:00Z"):
        for day, amount in (("18", "1"), ("19", "2"), ("20", "4"), ("18", "8")):
            tenant.spend(amount, occurred_at=f"2026-11-{day}T08:00:00Z", tokens=3)
        days = tenant.call("daily_costs").body

    assert [(item["name"], item["spent_usd"], item["entries"]) for item in days["items"]] == [
        ("2026-11-18", "9", 2),
        ("2026-11-19", "2", 1),
        ("2026-11-20", "4", 1),
    ]
    assert days["total_usd"] == "15"


def test_more_names_than_one_read_takes_are_all_reported(tenant: Tenant) -> None:
    costs = [
        {"cost_usd": "0.01", "agent_execution_id": "run-1", "agent": f"agent-{n}"}
        for n in range(130)
    ]
    for start in (0, 100):
        tenant.call("record_costs", costs=costs[start : start + 100]).body  # noqa: B018 - must not fail

    breakdown = tenant.call("agent_costs").body

    assert len(breakdown["items"]) == 130
    assert breakdown["total_usd"] == "1.3"
    assert sum(Decimal(item["spent_usd"]) for item in breakdown["items"]) == Decimal("1.3")


def test_the_largest_comes_first_and_shares_have_two_decimals(tenant: Tenant) -> None:
    for agent, amount in (("a", "1"), ("b", "4"), ("c", "2")):
        tenant.spend(amount, agent=agent)

    items = tenant.call("agent_costs").body["items"]

    shown = [(item["name"], item["share_percent"]) for item in items]
    assert shown == [("b", "57.14"), ("c", "28.57"), ("a", "14.29")]


@pytest.mark.parametrize("operation", ["agent_costs", "model_costs", "daily_costs"])
def test_costs_of_nothing_are_reported_without_an_accident(tenant: Tenant, operation: str) -> None:
    tenant.spend("0", agent="a", model="m")

    breakdown = tenant.call(operation).body

    assert breakdown["total_usd"] == "0"
    assert [(item["spent_usd"], item["entries"]) for item in breakdown["items"]] == [("0", 1)]


def test_a_month_of_corrections_that_cancel_out_is_reported(tenant: Tenant) -> None:
    with at("2026-10-15T10:00:00Z"):
        old = tenant.spend("5", agent="a")
    with at("2026-11-15T10:00:00Z"):
        tenant.adjust(old, "-2")
        tenant.spend("2", agent="b")
        breakdown = tenant.call("agent_costs").body
        system = tenant.door.call("system_usage").body

    assert by_name(breakdown) == {"a": "-2", "b": "2"}
    assert (breakdown["total_usd"], system["spent_usd"]) == ("0", "0")
