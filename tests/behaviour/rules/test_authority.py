"""A tenant's owner cannot loosen the tenant's limits, by any operation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    Processes,
    allowed,
    cap,
    delete_budget,
    lift,
    set_budget,
)

ALICE: dict[str, Any] = {"by": "Alice", "reason": "I need more"}
FORBIDDEN = ("FORBIDDEN", "by")
FLOW = {"workflow_execution_id": "flow-1"}
NAMED = {"scope": "agent", "scope_id": "planner", "period": "run"}
SIGNER = "arn:aws:iam::000000000000:user/tests"


@pytest.fixture
def owned(tenant: Tenant) -> Tenant:
    """A tenant whose money is alice's."""
    tenant.call("set_tenant", owner="alice", **WHO)
    return tenant


def test_an_owner_raises_no_limit_over_himself(owned: Tenant, cloud: MemoryCloud) -> None:
    cap(owned, "5")
    before = cloud.rows()
    for answer in (
        lift(owned, "cap", "1", **ALICE),
        lift(owned, "tenant-month", "1", **ALICE),
        cap(owned, "5.000001", **ALICE),
        cap(owned, None, **ALICE),
        cap(owned, "5", **ALICE, enforcement="shadow"),
        cap(owned, "5", **ALICE, action="alert"),
        cap(owned, "5", **ALICE, action="block_new"),
        set_budget(owned, "tenant-month", "1001", **ALICE),
        set_budget(owned, "workflow", "50.01", **ALICE),
        delete_budget(owned, "cap", **ALICE),
    ):
        assert answer.refusal == FORBIDDEN
        assert answer.has_status(403)
    assert cloud.rows() == before


def test_an_owner_may_have_less(owned: Tenant) -> None:
    cap(owned, "5")
    assert cap(owned, "4", **ALICE).error is None
    assert cap(owned, "3", "more-caps", **ALICE).error is None
    assert set_budget(owned, "execution", "1", **ALICE).error is None
    assert owned.call("suspend", **ALICE).error is None


def test_an_owner_does_not_delete_what_holds_him_tighter_than_the_default(owned: Tenant) -> None:
    set_budget(owned, "tenant-month", "5")
    assert delete_budget(owned, "tenant-month", **ALICE).refusal == FORBIDDEN
    set_budget(owned, "tenant-month", "5000")
    assert delete_budget(owned, "tenant-month", **ALICE).error is None


@pytest.mark.parametrize(
    "other",
    [
        {"scope": "model", "scope_id": "gpt-4o", "period": "day"},
        {"scope": "tenant", "period": "hour"},
        {"scope": "tenant", "period": "month"},
        NAMED,
    ],
)
def test_an_owner_cannot_move_a_budget_out_of_the_way(owned: Tenant, other: dict[str, str]) -> None:
    cap(owned, "5")
    assert set_budget(owned, "cap", "5", **other, **ALICE).refusal == FORBIDDEN


@pytest.mark.parametrize("limit", [None, "10.01"])
def test_an_owner_takes_no_run_out_of_the_default_by_a_name(
    owned: Tenant, limit: str | None
) -> None:
    assert set_budget(owned, "mine", limit, **NAMED, **ALICE).refusal == FORBIDDEN
    nights = {"scope": "workflow", "scope_id": "nightly", "period": "run"}
    assert set_budget(owned, "nights", None, **nights, **ALICE).refusal == FORBIDDEN
    assert set_budget(owned, "mine", limit, **NAMED, **ALICE, enforcement="shadow").error is None
    assert set_budget(owned, "mine", limit, **NAMED, **ALICE).refusal == FORBIDDEN
    assert set_budget(owned, "mine", "9", **NAMED, **ALICE).error is None
    assert set_budget(owned, "mine", "9.5", **NAMED, **ALICE).refusal == FORBIDDEN
    labels = {"agent_execution_id": "e", "agent": "planner"}
    assert not allowed(owned, "9.01", **labels)


def test_an_owner_neither_reinstates_himself_nor_gives_a_run_more(
    owned: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    owned.call("suspend", **WHO)
    assert owned.call("reinstate", **ALICE).refusal == FORBIDDEN
    assert owned.call("reinstate", **WHO).error is None
    owned.call("pause", **FLOW, **WHO)
    assert owned.call("resume", **FLOW, **ALICE, limit_usd="1").refusal == FORBIDDEN
    assert owned.call("resume", **FLOW, **ALICE).error is None


def test_an_owner_cannot_give_the_tenant_to_another_owner(owned: Tenant) -> None:
    assert owned.call("set_tenant", owner="bob", **ALICE).refusal == FORBIDDEN
    assert owned.call("set_tenant", owner="alice", **ALICE).error is None
    assert owned.call("set_tenant", owner="bob", **WHO).body["owner"] == "bob"
    assert cap(owned, "5", **ALICE).error is None


def test_an_owner_is_known_by_who_signed_the_request(tenant: Tenant, door: Door) -> None:
    tenant.call("set_tenant", owner=SIGNER, by="boot", reason="first")
    expected = FORBIDDEN if door.name == "http" else (None, None)
    assert lift(tenant, "tenant-month", "1").refusal == expected


def test_a_process_that_did_not_hear_of_the_owner_refuses_him_too(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    processes = Processes(monkeypatch)
    for number in (1, 2):
        processes.answer(number)
        tenant.call("pause", workflow_execution_id=f"flow-{number}", **WHO)
    tenant.call("set_tenant", owner="alice", **WHO)
    processes.answer(1)

    assert tenant.call("resume", **FLOW, **ALICE, limit_usd="1").refusal == FORBIDDEN
    assert lift(tenant, "tenant-month", "1", **ALICE).refusal == FORBIDDEN


def test_an_owner_takes_back_neither_himself_nor_what_unknown_models_cost(owned: Tenant) -> None:
    price = {"input_usd_per_million": "3", "output_usd_per_million": "15"}
    assert owned.call("set_tenant", fallback_price=price, **WHO).error is None
    for name in ("owner", "fallback_price"):
        assert owned.call("set_tenant", **{name: None}, **ALICE).refusal == FORBIDDEN
    assert owned.call("set_tenant", owner=None, **WHO).body["owner"] is None
    assert owned.call("set_tenant", fallback_price=None, **ALICE).body["fallback_price"] is None


@pytest.mark.parametrize("period", ["run", "day"])
def test_an_owner_frees_no_name_of_a_budget_for_each_name(owned: Tenant, period: str) -> None:
    each = {"scope": "agent", "scope_id": "*", "period": period}
    named = {"scope": "agent", "scope_id": "planner", "period": period}
    set_budget(owned, "each", "5", **each)

    assert set_budget(owned, "free", "6", **named, **ALICE).refusal == FORBIDDEN
    assert set_budget(owned, "free", None, **named, **ALICE).refusal == FORBIDDEN
    assert set_budget(owned, "less", "4", **named, **ALICE).error is None
    assert set_budget(owned, "less", "3", **named, **ALICE).error is None
    assert set_budget(owned, "shadow", "9", **named, **ALICE, enforcement="shadow").error is None
    assert (
        set_budget(owned, "shadow", "9", **named, **ALICE, enforcement="enforce").refusal
        == FORBIDDEN
    )
    assert set_budget(owned, "each", "6", **each, **ALICE).refusal == FORBIDDEN
    assert delete_budget(owned, "less", **ALICE).refusal == FORBIDDEN


def test_an_owner_with_another_spelling_of_the_name_is_the_owner(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="Jose\u0301 ", **WHO)
    who = {"by": "JOS\u00c9", "reason": "I need more"}
    assert set_budget(tenant, "tenant-month", "9999", **who).refusal == FORBIDDEN
    who = {"by": "jose\u0301", "reason": "I need more"}
    assert set_budget(tenant, "tenant-month", "9999", **who).refusal == FORBIDDEN
