"""Requests that change a budget: refused patches, keys, raises taken back or shortened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    allowed,
    budgets,
    cap,
    lift,
    patch,
    set_system,
)
from tests.support.times import at

NOW, NOON, TOMORROW = "2026-11-22T10:05:00Z", "2026-11-22T12:00:00Z", "2026-11-23T00:00:00Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The default gates but for single runs, and a clock that stands still."""
    memory_cloud.set_limits(execution="none")
    with at(NOW, tick=False):
        yield memory_cloud


def take_back(tenant: Tenant, raise_id: str, budget_id: str = "cap", **fields: Any) -> Answer:
    return tenant.call("delete_raise", budget_id=budget_id, raise_id=raise_id, **WHO | fields)


def test_a_patch_is_a_whole_request_under_its_key(tenant: Tenant) -> None:
    cap(tenant, "2")
    first = patch(tenant, limit_usd="5", idempotency_key="k").body
    again = patch(tenant, limit_usd="5.0", idempotency_key="k").body
    assert again == {**first, "replayed": True}
    refused = patch(tenant, limit_usd=None, idempotency_key="k")
    assert refused.refusal == ("IDEMPOTENCY_MISMATCH", "limit_usd")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, ("VALIDATION_ERROR", "limit_usd")),
        ({"limit_usd": "-1"}, ("VALIDATION_ERROR", "limit_usd")),
        ({"scope": "execution"}, ("VALIDATION_ERROR", "period")),
        ({"period": "run"}, ("VALIDATION_ERROR", "period")),
        ({"thresholds": [0]}, ("VALIDATION_ERROR", "thresholds[0]")),
        ({"smile": 1}, ("VALIDATION_ERROR", "smile")),
        ({"budget_id": "other", "limit_usd": "1"}, ("NOT_FOUND", None)),
        ({"budget_id": "tenant-month", "period": "day"}, ("VALIDATION_ERROR", "period")),
        ({"budget_id": "system-month", "limit_usd": "1"}, ("VALIDATION_ERROR", "budget_id")),
    ],
)
def test_a_patch_that_cannot_be_held_to_changes_nothing(
    tenant: Tenant, cloud: MemoryCloud, fields: dict[str, Any], refusal: tuple[str, str]
) -> None:
    cap(tenant, "2")
    before = cloud.rows()
    wanted = {"budget_id": "cap", **fields}
    assert patch(tenant, **wanted).refusal == refusal
    assert cloud.rows() == before


def test_a_raise_is_taken_back(tenant: Tenant) -> None:
    cap(tenant, "2")
    lift(tenant, "cap", "1", raise_id="r-1")
    lift(tenant, "cap", "0.5", raise_id="r-2")

    assert take_back(tenant, "r-1").body["limit_usd"] == "2.5"

    assert [one["raise_id"] for one in budgets(tenant)["cap"]["raises"]] == ["r-2"]
    assert take_back(tenant, "r-1").error == "NOT_FOUND"
    assert not allowed(tenant, "2.6")


def test_a_raise_of_a_default_and_of_single_runs_is_taken_back(tenant: Tenant) -> None:
    for budget_id, limit in (("tenant-month", "1000"), ("workflow", "50")):
        lift(tenant, budget_id, "5", raise_id=f"r-{budget_id}")
        taken = take_back(tenant, f"r-{budget_id}", budget_id).body
        assert (taken["limit_usd"], taken["source"]) == (limit, "default")


def test_a_raise_of_the_system_is_taken_back_by_the_system_alone(
    tenant: Tenant, door: Door
) -> None:
    set_system(door, "tenant-month", "2")
    raising = {"budget_id": "tenant-month", "amount_usd": "1", "raise_id": "r-1", **WHO}
    assert door.call("raise_system_limit", **raising).error is None
    assert take_back(tenant, "r-1", "tenant-month").error == "CONFLICT"
    taken = door.call("delete_system_raise", budget_id="tenant-month", raise_id="r-1", **WHO)
    assert taken.body["limit_usd"] == "2"
    assert not allowed(tenant, "2.5")


def test_a_raise_is_shortened(tenant: Tenant) -> None:
    cap(tenant, "2")
    lift(tenant, "cap", "1", raise_id="r-1")
    assert take_back(tenant, "r-1", until=NOON).body["limit_usd"] == "3"
    with at("2026-11-22T11:59:59Z"):
        assert budgets(tenant)["cap"]["limit_usd"] == "3"
    with at(NOON):
        assert budgets(tenant)["cap"]["limit_usd"] == "2"
        assert take_back(tenant, "r-1").error == "NOT_FOUND"


@pytest.mark.parametrize("until", [NOW, TOMORROW, "2026-11-24T00:00:00Z"])
def test_a_raise_is_not_made_longer_and_does_not_end_in_the_past(
    tenant: Tenant, until: str
) -> None:
    cap(tenant, "2")
    lift(tenant, "cap", "1", raise_id="r-1")
    refusal = take_back(tenant, "r-1", until=until).refusal
    assert refusal == ("VALIDATION_ERROR", "until")


def test_an_owner_may_lower_a_limit_and_not_end_a_decrease(tenant: Tenant) -> None:
    owner = {"by": "olga", "reason": "mine"}
    tenant.call("set_tenant", owner="olga", **WHO)
    cap(tenant, "5")
    lift(tenant, "cap", "-3", until=NOON, raise_id="down")
    lift(tenant, "cap", "1", raise_id="up")

    assert patch(tenant, limit_usd="6", **owner).error == "FORBIDDEN"
    assert take_back(tenant, "down", **owner).error == "FORBIDDEN"
    assert take_back(tenant, "down", until="2026-11-22T11:00:00Z", **owner).error == "FORBIDDEN"
    assert cap(tenant, "5", **owner).error == "FORBIDDEN"  # which would end the decrease
    assert take_back(tenant, "up", **owner).error is None
    assert patch(tenant, limit_usd="4.5", **owner).error is None
    assert cap(tenant, "1.5", **owner).error is None
