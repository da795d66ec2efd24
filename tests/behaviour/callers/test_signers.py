"""Every operation that writes keeps its signer beside what it wrote, and shows it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from budget_monitor.entrypoints.openapi.document import FUNCTIONS
from tests.support.builders import Tenant
from tests.support.callers.tokens import SIGNER as SUBJECT
from tests.support.callers.tokens import TokenDoor
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor, Door, HttpDoor, handler_of
from tests.support.doors.routes import ROUTES, function_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.openapi.examples import examples, run
from tests.support.prices.bucket import EXAMPLE, MemoryBucket, dearer
from tests.support.reconcile.reconciling import drift, month_key
from tests.support.rules.governing import WHO

IAM = "arn:aws:iam::000000000000:user/tests"
ARN = "arn:aws:lambda:eu-central-1:000000000000:function:budget-monitor"
WRITING = sorted(
    one.name for found in FUNCTIONS.values() for one in found if one.keyed and one.name in ROUTES
)


def admin(subject: str) -> TokenDoor:
    """The door of a caller with the role admin for all tenants."""
    return TokenDoor(roles=("admin",), claims={"tenant_id": None, "sub": subject})


@pytest.fixture(autouse=True)
def bucket(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    MemoryBucket().install(monkeypatch).put(dearer(), EXAMPLE)


def written(cloud: MemoryCloud, before: Any) -> str:
    """The rows that are new or changed, as one text."""
    known = {json.dumps(one, default=repr) for rows in before.values() for one in rows}
    now = [json.dumps(one, default=repr) for rows in cloud.rows().values() for one in rows]
    return "\n".join(one for one in now if one not in known)


@pytest.mark.parametrize("door", [HttpDoor(), admin("auth0|maria")], ids=["iam", "token"])
@pytest.mark.parametrize("operation", WRITING)
def test_the_row_and_the_answer_of_every_writing_operation_show_its_signer(
    cloud: MemoryCloud, operation: str, door: Door
) -> None:
    earlier = admin("earlier")
    for name in examples()[operation][2].after:
        run(earlier, name)
    before = cloud.rows()

    answer = door.call(operation, **examples()[operation][2].request).body

    signer = SUBJECT if isinstance(door, TokenDoor) else IAM
    assert signer in json.dumps(answer)
    assert signer in written(cloud, before)


def invoke(alias: str, operation: str, **fields: Any) -> dict[str, Any]:
    """The answer of a direct invocation at an alias."""
    context = SimpleNamespace(invoked_function_arn=f"{ARN}:{alias}" if alias else ARN)
    event = {"operation": operation, **fields}
    answer: dict[str, Any] = handler_of(function_of(operation))(event, context)
    return answer


def test_what_an_alias_invoked_is_signed_by_the_alias(cloud: MemoryCloud) -> None:
    cost: dict[str, Any] = {"tenant_id": "acme", "agent_execution_id": "run-1", "cost_usd": "1"}
    for alias, signer in (
        ("agents", "alias:agents"),
        ("agents-acme", "alias:agents-acme"),
        ("operators", "alias:operators"),
        ("", None),
        ("7", None),
        ("$LATEST", None),
    ):
        assert invoke(alias, "record_cost", **cost)["entry"]["principal"] == signer


def test_operations_without_a_route_keep_the_alias(tenant: Tenant, cloud: MemoryCloud) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 1000}
    tenant.call("record_cost", agent_execution_id="r", model="gpt-4o", usage=usage)
    price = {"input_usd_per_million": "1", "output_usd_per_million": "1"}
    tenant.call("set_price", model="gpt-4o", **{"from": "2026-01-01T00:00:00Z"}, **price, **WHO)
    span = {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z", "dry_run": False}

    before = cloud.rows()
    repriced = invoke("operators", "reprice", tenant_id=tenant.id, **span, **WHO)
    assert (repriced["changed"], repriced["principal"]) == (1, "alias:operators")
    assert "alias:operators" in written(cloud, before)

    flow = {"tenant_id": tenant.id, "workflow_execution_id": "flow"}
    before = cloud.rows()
    waits = invoke("workflows", "await_resume", **flow, task_token="t")  # noqa: S106
    assert waits["principal"] == "alias:workflows"
    assert "alias:workflows" in written(cloud, before)


@pytest.mark.doors("direct")
@pytest.mark.usefixtures("waits")
def test_a_rebuild_keeps_its_signer(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("1", agent_execution_id="run-1")
    drift(cloud, month_key(tenant), spent="1", committed="1")
    before = cloud.rows()
    asked = {"tenant_id": tenant.id, "rebuild": True, **WHO}
    found = invoke("operators", "reconcile", **asked)
    assert found["principal"] == "alias:operators"
    assert found["rebuilt"]
    assert "alias:operators" in written(cloud, before)


def test_a_hold_shows_who_took_it_and_who_changed_it_last(cloud: MemoryCloud) -> None:
    def signed(subject: str) -> TokenDoor:
        return TokenDoor(tenant="acme", claims={"sub": subject})

    hold: dict[str, Any] = {"tenant_id": "acme", "reservation_id": "hold-1"}
    run_1: dict[str, Any] = {"agent_execution_id": "run-1", "estimated_cost_usd": "1"}
    signed("ann").call("reserve", **hold, **run_1)
    shown = signed("bob").call("extend", **hold, expires_in_seconds=3600).body
    assert (shown["principal"], shown["changed_by"]) == ("jwt:ann", "jwt:bob")
    drawn = signed("eve").call("draw", **hold, cost_usd="0.1").body
    assert drawn["reservation"]["changed_by"] == drawn["entry"]["principal"] == "jwt:eve"
    shown = signed("zoe").call("release", **hold).body
    assert (shown["principal"], shown["changed_by"]) == ("jwt:ann", "jwt:zoe")
    again = signed("kim").call("release", **hold).body
    assert again["changed_by"] == "jwt:zoe"


def test_a_replay_shows_who_signed_first(cloud: MemoryCloud) -> None:
    cost: dict[str, Any] = {
        "tenant_id": "acme",
        "entry_id": "c-1",
        "agent_execution_id": "r",
        "cost_usd": "1",
    }
    first = TokenDoor(tenant="acme", claims={"sub": "ann"}).call("record_cost", **cost)
    second = DirectDoor().call("record_cost", **cost)
    assert first.body["entry"]["principal"] == second.body["entry"]["principal"] == "jwt:ann"
    assert second.body["entry"]["replayed"]


def test_erasing_a_tenant_erases_who_signed(cloud: MemoryCloud) -> None:
    ann = Tenant(TokenDoor(tenant="acme", roles=("agent", "owner"), claims={"sub": "ann"}), "acme")
    flow = {"workflow_execution_id": "flow"}
    ann.spend("1", agent_execution_id="run-1", **flow)
    ann.settle(ann.hold("1", agent_execution_id="run-1"), "0.5")
    ann.call("pause", **flow, **WHO).body  # noqa: B018
    admin("maria").call("set_tenant", tenant_id="acme", owners=["jwt:ann"], **WHO)
    assert "jwt:ann" in json.dumps(cloud.rows(), default=repr)

    erased = admin("olga").call("delete_tenant", tenant_id="acme", **WHO).body

    assert (erased["state"], erased["principal"]) == ("erased", "jwt:olga")
    rows = json.dumps(cloud.rows(), default=repr)
    assert "jwt:ann" not in rows
    assert "jwt:olga" in rows  # who erased stays
