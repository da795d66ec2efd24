"""Edits of a budget: a patch keeps the rest, a put warns of what it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    allowed,
    budgets,
    cap,
    lift,
    patch,
    set_budget,
)
from tests.support.times import at

NOW, NOON = "2026-11-22T10:05:00Z", "2026-11-22T12:00:00Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The default gates but for single runs, and a clock that stands still."""
    memory_cloud.set_limits(execution="none")
    with at(NOW, tick=False):
        yield memory_cloud


def test_a_patch_of_one_field_keeps_the_others_and_a_live_raise_of_1(tenant: Tenant) -> None:
    put: dict[str, Any] = {
        "action": "alert",
        "thresholds": [70],
        "enforcement": "shadow",
        "scope_id": "ann",
    }
    cap(tenant, "2", scope="user", **put)
    lift(tenant, "cap", "1", until=NOON)

    changed = patch(tenant, limit_usd="5").body

    assert (changed["base_limit_usd"], changed["limit_usd"]) == ("5", "6")
    assert {name: changed[name] for name in put} == put
    assert changed["warnings"] == []
    assert patch(tenant, thresholds=[90]).body["limit_usd"] == "6"
    assert patch(tenant, limit_usd=None).body["limit_usd"] is None


def test_a_patch_counts_on_in_the_same_account(tenant: Tenant) -> None:
    cap(tenant, "2")
    tenant.spend("1.5")
    patch(tenant, limit_usd="3")
    assert not allowed(tenant, "1.6")
    assert allowed(tenant, "1.5")


def test_a_patch_of_a_default_of_1000_makes_it_the_tenants_own_and_keeps_its_raises(
    tenant: Tenant, door: Door
) -> None:
    raising = {"budget_id": "tenant-month", "amount_usd": "1", **WHO}
    assert door.call("raise_system_limit", **raising).error is None
    lift(tenant, "tenant-month", "500")

    changed = patch(tenant, "tenant-month", thresholds=[60]).body

    assert (changed["limit_usd"], changed["base_limit_usd"]) == ("1501", "1000")
    assert (changed["source"], changed["thresholds"]) == ("tenant", [60])
    assert budgets(tenant)["tenant-month"]["limit_usd"] == "1501"


def test_a_patch_to_another_period_ends_what_was_raised_for_the_day_and_says_so(
    tenant: Tenant,
) -> None:
    cap(tenant, "2")
    lift(tenant, "cap", "1", raise_id="r-day")
    lift(tenant, "cap", "0.5", until=NOON)
    changed = patch(tenant, period="month").body
    assert (changed["period"], changed["limit_usd"]) == ("month", "2.5")
    (warning,) = changed["warnings"]
    assert warning.startswith("raise r-day of 1 USD for 2026-11-22 ended")


def test_a_put_says_that_it_ends_a_live_raise_and_a_shadow(tenant: Tenant) -> None:
    cap(tenant, "2", enforcement="shadow")
    lift(tenant, "cap", "1", raise_id="r-1", until=NOON)
    lift(tenant, "cap", "1", raise_id="r-2")

    put = cap(tenant, "2", idempotency_key="put").body

    assert put["warnings"] == [
        "raise r-1 of 1 USD until 2026-11-22T12:00:00Z ended with this edit",
        "raise r-2 of 1 USD for 2026-11-22 ended with this edit",
        "cap was a shadow and is enforced from now on",
    ]
    again = cap(tenant, "2", idempotency_key="put").body
    assert again["warnings"] == put["warnings"]
    assert cap(tenant, "2").body["warnings"] == []


def test_a_put_that_leaves_the_action_alert_out_says_that_the_budget_refuses_now(
    tenant: Tenant,
) -> None:
    cap(tenant, "2", action="alert")
    warning = "cap only sent alerts and refuses from now on"
    assert cap(tenant, "2").body["warnings"] == [warning]
    assert patch(tenant, action="alert").body["warnings"] == []
    assert patch(tenant, action="block").body["warnings"] == [warning]


def test_a_put_over_a_raised_default_says_that_the_raise_ends(tenant: Tenant) -> None:
    lift(tenant, "tenant-month", "500", raise_id="r-1")
    put = set_budget(tenant, "tenant-month", "100").body
    assert put["warnings"] == ["raise r-1 of 500 USD for 2026-11 ended with this edit"]


def test_a_limit_of_5_is_lowered_to_2_until_noon_and_then_is_5_again(tenant: Tenant) -> None:
    cap(tenant, "5")
    lowered = lift(tenant, "cap", "-3", until=NOON, raise_id="down").body
    assert (lowered["limit_usd"], lowered["base_limit_usd"]) == ("2", "5")
    assert not allowed(tenant, "2.01")
    assert allowed(tenant, "2")
    with at(NOON):
        assert allowed(tenant, "3")


def test_decreases_of_more_than_the_limit_leave_0(tenant: Tenant) -> None:
    cap(tenant, "5")
    assert lift(tenant, "cap", "-5.01", until=NOON).refusal == ("VALIDATION_ERROR", "amount_usd")
    lift(tenant, "cap", "-3", until=NOON)
    assert lift(tenant, "cap", "-4", until=NOON).body["limit_usd"] == "0"
    assert not allowed(tenant, "0.01")
    assert allowed(tenant, "0")


def test_a_decrease_needs_an_end(tenant: Tenant) -> None:
    cap(tenant, "5")
    assert lift(tenant, "cap", "-3").refusal == ("VALIDATION_ERROR", "amount_usd")


def test_a_patch_stands_in_the_history(tenant: Tenant) -> None:
    cap(tenant, "2")
    patch(tenant, limit_usd="3", by="jo")
    latest = tenant.call("budget_history", budget_id="cap").body["items"][0]
    assert (latest["operation"], latest["by"]) == ("update_budget", "jo")
    assert (latest["before"]["limit_usd"], latest["after"]["limit_usd"]) == ("2", "3")
