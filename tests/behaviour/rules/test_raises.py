"""Raises: more limit for a while, taken back by time alone, never by the one who is limited."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    UNIT,
    WHO,
    allowed,
    budgets,
    cap,
    delete_budget,
    lift,
    set_budget,
    set_system,
)
from tests.support.times import at, later

pytestmark = pytest.mark.usefixtures("hurried")


NOON, TOMORROW = "2026-11-22T12:00:00Z", "2026-11-23T00:00:00Z"
EDGES = {
    "hour": "2026-11-22T11:00:00Z",
    "day": TOMORROW,
    "week": TOMORROW,
    "month": "2026-12-01T00:00:00Z",
}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The default gates but for single runs, and a clock that stands still."""
    memory_cloud.set_limits(execution="none")
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


@pytest.mark.parametrize("period", list(EDGES))
def test_a_raise_is_for_the_present_period(tenant: Tenant, period: str) -> None:
    cap(tenant, "2", period=period)
    raised = lift(tenant, "cap", "1")
    assert raised.has_status(201)
    shown = [raised.body[name] for name in ("limit_usd", "base_limit_usd")]
    assert shown == ["3", "2"]
    tenant.spend("2")
    assert allowed(tenant, "0.5")
    assert not allowed(tenant, "0.500000000001")

    with at(EDGES[period]):
        assert not allowed(tenant, "2" + UNIT[1:])
        assert budgets(tenant)["cap"]["limit_usd"] == "2"
        assert budgets(tenant)["cap"]["raises"] == []


def test_a_raise_until_a_moment_ends_at_it_though_no_job_ran(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "2", period="month")
    assert lift(tenant, "cap", "1", until=NOON).body["limit_usd"] == "3"
    tenant.spend("2")

    with at("2026-11-22T11:59:59Z", tick=False):
        assert tenant.check("1").body["allowed"]
    with at(NOON, tick=False):
        assert not allowed(tenant, UNIT)
    with at("2026-11-22T11:59:59.999999Z", tick=False):
        assert allowed(tenant, "1")
    with at(NOON, tick=False):
        shown = gate(tenant.check("0").body, "cap")
        assert (shown["limit_usd"], shown["available_usd"]) == ("2", "-1")
    assert not differences(cloud.rows())


def test_two_raises_at_once_add_up(tenant: Tenant) -> None:
    cap(tenant, "2", period="month")
    lift(tenant, "cap", "1", until=NOON)
    lift(tenant, "cap", "0.5")
    lift(tenant, "cap", "0.25", until="2026-12-24T00:00:00Z")

    assert budgets(tenant)["cap"]["limit_usd"] == "3.75"
    for moment, limit in ((NOON, "2.75"), ("2026-12-01T00:00:00Z", "2.25")):
        with at(moment):
            assert gate(tenant.check("0").body, "cap")["limit_usd"] == limit
    with at("2026-12-24T00:00:00Z"):
        assert gate(tenant.check("0").body, "cap")["limit_usd"] == "2"


def test_a_limit_of_single_runs_is_raised_until_a_moment(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(execution="2")
    labels = {"agent_execution_id": "e"}
    lift(tenant, "execution", "1", until=NOON)
    tenant.spend("1.5", **labels)
    assert allowed(tenant, "1.5", **labels)
    with at(NOON):
        assert not allowed(tenant, "0.51", **labels)


@pytest.mark.parametrize("budget_id", ["execution", "workflow"])
def test_a_raise_of_single_runs_without_an_end_holds_until_the_budget_is_set_again(
    tenant: Tenant, cloud: MemoryCloud, budget_id: str
) -> None:
    cloud.set_limits(**{budget_id: "2"})
    labels = {f"{'agent' if budget_id == 'execution' else budget_id}_execution_id": "e"}
    assert lift(tenant, budget_id, "1").body["limit_usd"] == "3"
    with at("2027-01-01T00:00:00Z"):
        assert allowed(tenant, "3", **labels)
        assert not allowed(tenant, f"3.{'0' * 11}1", **labels)
        set_budget(tenant, budget_id, "2")
        assert not allowed(tenant, "2.01", **labels)


def test_a_raise_of_a_default_leaves_it_a_default_and_ends_when_it_is_set_again(
    tenant: Tenant,
) -> None:
    lift(tenant, "tenant-month", "500")
    found = budgets(tenant)["tenant-month"]
    assert (found["limit_usd"], found["source"]) == ("1500", "default")
    assert delete_budget(tenant, "tenant-month").error == "CONFLICT"

    assert set_budget(tenant, "tenant-month", "100").body["limit_usd"] == "100"
    assert lift(tenant, "tenant-month", "1").body["limit_usd"] == "101"
    assert delete_budget(tenant, "tenant-month").body["limit_usd"] == "1000"


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("period", list(EDGES))
def test_a_raise_for_every_tenant_reaches_those_of_other_time_zones(
    tenant: Tenant, door: Door, period: str, zone: str
) -> None:
    with at("2026-10-20T10:05:00Z"):
        tenant.call("set_tenant", time_zone=zone, **WHO)
        set_system(door, "each", "2", scope="tenant", period=period)
    raising = {"budget_id": "each", "amount_usd": "1", **WHO}
    assert door.call("raise_system_limit", **raising).error is None

    assert gate(tenant.check("0").body, "each")["limit_usd"] == "3"
    with later(days=32):
        assert gate(tenant.check("0").body, "each")["limit_usd"] == "2"


def test_a_raise_is_made_once_under_its_id(tenant: Tenant) -> None:
    cap(tenant, "2")
    cap(tenant, "2", "other")
    first = lift(tenant, "cap", "1", raise_id="r1")
    again = lift(tenant, "cap", "1.0", raise_id="r1")
    assert again.has_status(200)
    assert (again.body["replayed"], again.body["limit_usd"]) == (True, "3")
    assert {**again.body, "replayed": False} == first.body

    assert lift(tenant, "cap", "2", raise_id="r1").refusal == ("IDEMPOTENCY_MISMATCH", "amount_usd")
    other = lift(tenant, "other", "1", raise_id="r1")
    assert other.refusal == ("IDEMPOTENCY_MISMATCH", "budget_id")
    timed = lift(tenant, "cap", "1", raise_id="r1", until=NOON)
    assert timed.refusal == ("IDEMPOTENCY_MISMATCH", "until")
    assert budgets(tenant)["cap"]["limit_usd"] == "3"


def test_a_raise_is_made_once_under_an_idempotency_key(tenant: Tenant) -> None:
    cap(tenant, "2")
    for _ in range(3):
        assert lift(tenant, "cap", "1", idempotency_key="k1").body["limit_usd"] == "3"
    assert lift(tenant, "cap", "2", idempotency_key="k1").error == "IDEMPOTENCY_MISMATCH"
    assert budgets(tenant)["cap"]["limit_usd"] == "3"
    assert lift(tenant, "cap", "1", idempotency_key="k2").body["limit_usd"] == "4"


def test_a_replay_answers_as_first_though_the_budget_is_no_more(tenant: Tenant) -> None:
    put = cap(tenant, "2", idempotency_key="put").body
    raised = lift(tenant, "cap", "1", raise_id="r1").body
    gone = delete_budget(tenant, "cap", idempotency_key="gone").body

    assert cap(tenant, "2", idempotency_key="put").body == {**put, "replayed": True}
    assert lift(tenant, "cap", "1", raise_id="r1").body == {**raised, "replayed": True}
    again = delete_budget(tenant, "cap", idempotency_key="gone").body
    assert again == {**gone, "replayed": True}
    assert "cap" not in budgets(tenant)
    other = cap(tenant, None, idempotency_key="put")
    assert other.refusal == ("IDEMPOTENCY_MISMATCH", "limit_usd")


def test_fifty_raises_at_once_are_enough_and_those_that_are_over_do_not_count(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "2", period="month")
    for _ in range(50):
        assert lift(tenant, "cap", "0.1", until=NOON).error is None
    assert lift(tenant, "cap", "0.1").error == "CONFLICT"
    with at(NOON):
        assert lift(tenant, "cap", "0.1").body["limit_usd"] == "2.1"
    (row,) = [row for row in cloud.rows()["BudgetsTable"] if row["pk"]["S"].endswith("#rules#")]
    assert row["body"]["S"].count("raise_id") == 1


def test_raises_made_at_the_same_time_are_all_made(tenant: Tenant) -> None:
    cap(tenant, "2")
    with ThreadPoolExecutor(6) as pool:
        raises = list(pool.map(lambda _: lift(tenant, "cap", "1").error, range(6)))
    assert raises == [None] * 6
    assert budgets(tenant)["cap"]["limit_usd"] == "8"


@pytest.mark.parametrize("kind", [{"enforcement": "shadow"}, {"action": "alert"}])
def test_a_budget_that_refuses_nothing_can_be_raised(tenant: Tenant, kind: dict[str, str]) -> None:
    cap(tenant, "2", **kind)
    assert lift(tenant, "cap", "1").body["limit_usd"] == "3"
    cap(tenant, None)
    assert lift(tenant, "cap", "1").refusal == ("CONFLICT", None)


def test_a_raise_must_be_more_than_nothing_and_end_in_the_future(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "999999999999")
    before = cloud.rows()
    for amount in ("0", "1", "-1"):
        assert lift(tenant, "cap", amount).refusal == ("VALIDATION_ERROR", "amount_usd")
    past = lift(tenant, "cap", "0.1", until="2026-11-22T10:05:00Z")
    assert past.refusal == ("VALIDATION_ERROR", "until")
    assert cloud.rows() == before
