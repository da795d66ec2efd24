"""Budgets as people set them: what is accepted is enforced, what cannot be held to is refused."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    NAMES,
    UNIT,
    allowed,
    budgets,
    cap,
    delete_budget,
    delete_system,
    run,
    set_budget,
    set_system,
)
from tests.support.thorough import share
from tests.support.times import at

pytestmark = [pytest.mark.unlimited, pytest.mark.frozen]

SCOPES = ("system", "tenant", "workflow", "execution", "agent", "model", "user", "tag")
PERIODS = ("run", "hour", "day", "week", "month")
KINDS = itertools.product(SCOPES, PERIODS)
EACH_AT_A_DOOR = [(n, *kind, (HttpDoor, DirectDoor)[n % 2]()) for n, kind in enumerate(KINDS)]
WAYS = [
    *itertools.product(("block", "block_new", "pause", "alert"), ("enforce", "shadow")),
    (None, None),
]
OF_RUNS = ("workflow", "execution", "agent")


def possible(scope: str, period: str, action: str | None) -> str | None:
    """The field that cannot be held to, or None."""
    if (period == "run") != (scope in OF_RUNS) and (period == "run" or scope == "execution"):
        return "period"
    return "action" if action == "block_new" and period == "run" else None


def place(door: Door, tenant: Tenant, scope: str, budget_id: str, **fields: Any) -> Any:
    """The budget with a limit of 2 where its scope is set."""
    named = {"scope": scope, "scope_id": NAMES.get(scope)}
    if scope == "system":
        return set_system(door, budget_id, "2", **named, **fields)
    return set_budget(tenant, budget_id, "2", **named, **fields)


def remove(door: Door, tenant: Tenant, scope: str, budget_id: str) -> None:
    """The budget is no more."""
    gone = delete_system(door, budget_id) if scope == "system" else delete_budget(tenant, budget_id)
    assert gone.body["deleted"]


def assert_held_to(tenant: Tenant, budget_id: str, period: str, *, refuses: bool) -> None:
    """A limit of 2 takes 2 and not a unit more, and any cost that happened."""
    follower = run(1 if period == "run" else 2)
    assert tenant.reserve("2", **run()).body["allowed"]
    assert allowed(tenant, UNIT, **follower) is not refuses
    shown = gate(tenant.record("1", **run()).body, budget_id)
    assert (shown["spent_usd"], shown["limit_usd"]) == ("1", "2")


@pytest.mark.parametrize(("turn", "scope", "period", "door"), EACH_AT_A_DOOR)
def test_what_is_accepted_is_enforced_to_the_last_unit(
    cloud: MemoryCloud, turn: int, scope: str, period: str, door: Door
) -> None:
    for number, (action, enforcement) in enumerate(share(WAYS, turn, 3)):
        tenant, ways = Tenant(door), {"action": action, "enforcement": enforcement}
        with at(f"{2027 + number}-01-20T10:05:00Z", tick=False):
            put = place(door, tenant, scope, f"budget-{number}", period=period, **ways)
            field = possible(scope, period, action)
            assert put.refusal == (("VALIDATION_ERROR", field) if field else (None, None)), ways
            if not field:
                refuses = action != "alert" and enforcement != "shadow"
                assert_held_to(tenant, f"budget-{number}", period, refuses=refuses)
                remove(door, tenant, scope, f"budget-{number}")
    assert not differences(cloud.rows())


@pytest.mark.parametrize("scope", ["model", "user", "tag", "agent", "workflow"])
def test_a_budget_for_a_name_counts_that_name_alone(tenant: Tenant, scope: str) -> None:
    set_budget(tenant, "b", "2", scope=scope, scope_id=NAMES[scope], period="month")
    field = {"tag": "tags"}.get(scope, scope)
    other: dict[str, Any] = {**run(2), field: ["red"] if scope == "tag" else "another"}

    assert not tenant.reserve("3", **run()).body["allowed"]
    assert tenant.reserve("3", **other).body["allowed"]
    assert "b" not in {one["budget_id"] for one in tenant.check("1", **other).body["gates"]}


def test_several_budgets_of_one_scope_hold_at_once(tenant: Tenant) -> None:
    for budget_id, period, limit in (("h", "hour", "1"), ("d", "day", "2"), ("m", "month", "3")):
        set_budget(tenant, budget_id, limit, scope="model", scope_id="gpt-4o", period=period)
    set_budget(tenant, "earlier", "1", scope="model", scope_id="gpt-4o", period="hour")

    decision = tenant.check("2.5", **run()).body

    assert decision["budget_id"] == "d"
    refusing = [one["budget_id"] for one in decision["gates"] if not one["allowed"]]
    assert refusing == ["d", "earlier", "h"]
    assert tenant.reserve("1", **run()).body["allowed"]


@pytest.mark.parametrize("period", ["hour", "day", "week", "month"])
def test_a_period_ends_at_its_edge_and_not_before(tenant: Tenant, period: str) -> None:
    edges = {"hour": "2026-11-22T11:00:00Z", "day": "2026-11-23T00:00:00Z"}
    edges |= {"week": "2026-11-23T00:00:00Z", "month": "2026-12-01T00:00:00Z"}
    before = edges[period].replace("2026-12-01T00:00", "2026-11-30T23:59")
    before = before.replace("11:00:00", "10:59:59").replace("23T00:00:00", "22T23:59:59")
    set_budget(tenant, "b", "2", scope="tenant", period=period)
    tenant.spend("2", **run())

    refused = tenant.check("1", **run()).body
    assert gate(refused, "b")["resets_at"] == edges[period]
    assert edges[period] in refused["unblock"]
    with at(before):
        assert not tenant.reserve("1", **run()).body["allowed"]
    with at(edges[period]):
        assert tenant.reserve("1", **run()).body["allowed"]


def test_a_limit_of_null_limits_nothing_and_a_limit_of_zero_allows_nothing(tenant: Tenant) -> None:
    assert cap(tenant, None).body["limit_usd"] is None
    assert tenant.reserve("10000", **run()).body["allowed"]
    cap(tenant, "0", "zero")
    assert not tenant.reserve(UNIT, **run(2)).body["allowed"]
    assert set_budget(tenant, "tenant-month", None).body["limit_usd"] is None


def test_nobody_has_more_than_twenty_budgets_of_his_own(tenant: Tenant) -> None:
    for number in range(20):
        assert cap(tenant, "100", f"cap-{number}").error is None
    assert cap(tenant, "100", "one-more").refusal == ("CONFLICT", None)
    assert cap(tenant, "99", "cap-19").error is None
    assert set_budget(tenant, "tenant-month", "50").error is None
    assert delete_budget(tenant, "cap-3").error is None
    assert cap(tenant, "100", "one-more").error is None

    reservation = tenant.hold("1", **run())
    settled = tenant.settle(reservation, "1").body
    assert len([one for one in settled["gates"] if one["spent_usd"] == "1"]) == 24


def test_a_new_budget_counts_from_its_creation_and_says_so(tenant: Tenant) -> None:
    tenant.spend("7", **run())
    put = cap(tenant, "5").body

    assert put["counting_since"] == "2026-11-22T10:05:00Z"
    shown = gate(tenant.check("5", **run()).body, "cap")
    assert (shown["spent_usd"], shown["counting_since"]) == ("0", "2026-11-22T10:05:00Z")
    with at("2026-11-23T10:00:00Z"):
        assert gate(tenant.check("5", **run()).body, "cap")["counting_since"] is None


def test_no_decision_changes_what_is_spent_held_or_alerted(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "50")
    tenant.spend("2", **run())
    tenant.hold("3", **run())
    tables = ("LedgerTable", "ReservationsTable")
    before, facts = tenant.usage(), [cloud.rows()[name] for name in tables]

    for limit in ("60", None, "0", "40"):
        cap(tenant, limit)
        set_budget(tenant, "tenant-month", limit)
        delete_budget(tenant, "tenant-month")
    shown = gate(tenant.check("1", **run()).body, "cap")

    assert (shown["spent_usd"], shown["held_usd"], shown["limit_usd"]) == ("2", "3", "40")
    assert tenant.usage() == before
    assert [cloud.rows()[name] for name in tables] == facts
    assert not differences(cloud.rows())


def test_putting_a_budget_replaces_the_whole_of_it(tenant: Tenant) -> None:
    cap(tenant, "5", action="alert", enforcement="shadow", thresholds=[10, 90, 10])
    assert budgets(tenant)["cap"]["thresholds"] == [10, 90]
    cap(tenant, "6")
    set_budget(tenant, "workflow", "7", action="block")
    set_budget(tenant, "workflow", "8")

    found = budgets(tenant)
    kept = [found["cap"][name] for name in ("action", "enforcement", "thresholds", "limit_usd")]
    assert kept == ["block", "enforce", [50, 80, 100], "6"]
    assert (found["workflow"]["action"], found["workflow"]["limit_usd"]) == ("pause", "8")
