"""Nothing of one tenant in another's answers, errors, lists or cursors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant, by_name, gate
from tests.support.cloud import Cloud
from tests.support.doors.doors import Door
from tests.support.times import at

LABELS = {
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "agent": "writer",
    "model": "gpt-x",
    "user": "secret-user",
}
READS: dict[str, dict[str, Any]] = {
    "tenant_usage": {},
    "agent_costs": {},
    "model_costs": {},
    "daily_costs": {},
    "ledger": {},
}


def busy(tenant: Tenant) -> Tenant:
    """A tenant with an entry, an open hold and a settled one under well-known ids."""
    tenant.spend("7.77", entry_id="cost-1", **LABELS)
    tenant.hold("0.33", reservation_id="hold-1", **LABELS)
    tenant.hold("0.44", reservation_id="hold-2", **LABELS)
    tenant.settle("hold-2", "0.44")
    return tenant


FOREIGN: dict[str, dict[str, Any]] = {
    "get_reservation": {"reservation_id": "hold-1"},
    "extend": {"reservation_id": "hold-1", "expires_in_seconds": 60},
    "release": {"reservation_id": "hold-1"},
    "settle": {"reservation_id": "hold-1", "cost_usd": "0.1"},
    "draw": {"reservation_id": "hold-1", "cost_usd": "0.1"},
    "adjust": {"entry_id": "cost-1", "amount_usd": "-1", "reason": "mine", "by": "mallory"},
    "execution": {"agent_execution_id": "run-1"},
    "workflow": {"workflow_execution_id": "flow-1"},
}


@pytest.mark.parametrize("operation", FOREIGN)
def test_the_id_of_another_tenant_is_an_unknown_id(
    door: Door, cloud: Cloud, operation: str
) -> None:
    owner, stranger = busy(Tenant(door)), Tenant(door)
    before = cloud.rows()

    answer = stranger.call(operation, **FOREIGN[operation])

    assert (answer.error, answer.has_status(404)) == ("NOT_FOUND", True)
    unknown = {
        name: value.replace("1", "nobody") if name.endswith("_id") else value
        for name, value in FOREIGN[operation].items()
    }
    same = stranger.call(operation, **unknown)
    assert same.error == answer.error
    assert same.message.replace("nobody", "1") == answer.message
    assert owner.id not in json.dumps(answer.content) + answer.message
    assert cloud.rows() == before


def test_the_reports_of_a_stranger_are_empty(door: Door) -> None:
    # No fraction of a second looks like an amount while the clock stands still.
    with at("2026-11-22T10:00:00Z", tick=False):
        busy(Tenant(door))
        stranger = Tenant(door)
        assert stranger.usage()["spent_usd"] == "0"
        assert stranger.usage()["held_usd"] == "0"
        answers = [json.dumps(stranger.call(operation).body) for operation in READS]

    for secret in ("7.77", "0.33", "secret-user", "writer", "gpt-x", "cost-1"):
        assert not any(secret in text for text in answers)


def test_the_same_names_in_two_tenants_are_two_runs(door: Door) -> None:
    one, other = busy(Tenant(door)), Tenant(door)

    decision = other.check("1", **LABELS).body
    assert [gate(decision, name)["spent_usd"] for name in ("execution", "workflow")] == ["0", "0"]
    other.spend("1", agent_execution_id="run-1", workflow_execution_id="flow-9")
    assert other.call("execution", agent_execution_id="run-1").body["spent_usd"] == "1"
    assert one.call("execution", agent_execution_id="run-1").body["spent_usd"] == "8.21"


def test_a_parent_of_another_tenant_is_unknown(door: Door) -> None:
    other, tenant = Tenant(door), Tenant(door)
    busy(other)
    before = other.call("execution", agent_execution_id="run-1").body

    tenant.spend("1", agent_execution_id="child", parent_execution_id="run-1")

    opened = tenant.call("execution", agent_execution_id="run-1").body
    assert (opened["spent_usd"], opened["workflow_execution_id"]) == ("1", None)
    after = other.call("execution", agent_execution_id="run-1").body
    assert {**after, "as_of": before["as_of"]} == before


@pytest.mark.parametrize("prefix", ["acme", "acme-", "acme.", "acme:", "acm", "Acme", "acme-corp2"])
def test_a_tenant_whose_name_begins_like_another_sees_nothing_of_it(
    door: Door, prefix: str
) -> None:
    busy(Tenant(door, "acme-corp"))
    stranger = Tenant(door, prefix)

    assert stranger.usage()["spent_usd"] == "0"
    assert stranger.entries() == []
    for operation in ("agent_costs", "model_costs", "daily_costs"):
        assert stranger.call(operation).body["items"] == []
    assert stranger.call("execution", agent_execution_id="run-1").error == "NOT_FOUND"


def test_parts_of_a_key_cannot_be_moved_from_one_name_to_another(door: Door) -> None:
    pairs = [("a", "b:c"), ("a:b", "c"), ("a", "b.c"), ("a.b", "c"), ("a", "tenant:a:run:c")]
    for n, (tenant_id, run) in enumerate(pairs, 1):
        Tenant(door, tenant_id).spend(str(n), agent_execution_id=run, entry_id=run)

    for n, (tenant_id, run) in enumerate(pairs, 1):
        tenant = Tenant(door, tenant_id)
        assert tenant.call("execution", agent_execution_id=run).body["spent_usd"] == str(n)


def test_agent_names_that_look_like_keys_stay_in_their_tenant(door: Door) -> None:
    names = ["b#AGENT#c", "c", "b|c", "b/c", "b:agent:c", "%23", "#", "~", "*"]
    one, other = Tenant(door, "a"), Tenant(door, "b")
    for name in names:
        one.spend("1", agent=name)
    other.spend("5", agent="c")

    assert by_name(one.call("agent_costs").body) == dict.fromkeys(names, "1")
    assert by_name(other.call("agent_costs").body) == {"c": "5"}


@pytest.mark.parametrize("operation", ["ledger", "execution", "workflow"])
def test_the_cursor_of_another_tenant_or_question_is_refused(door: Door, operation: str) -> None:
    owner, stranger = busy(Tenant(door)), busy(Tenant(door))
    question: dict[str, dict[str, str]] = {
        "ledger": {},
        "execution": {"agent_execution_id": "run-1"},
        "workflow": {"workflow_execution_id": "flow-1"},
    }
    cursor = owner.call(operation, limit=1, **question[operation]).body["cursor"]
    assert cursor

    answer = stranger.call(operation, limit=1, cursor=cursor, **question[operation])
    assert answer.refusal == ("VALIDATION_ERROR", "cursor")
    for other, fields in question.items():
        if other != operation:
            answer = owner.call(other, limit=1, cursor=cursor, **fields)
            assert answer.refusal == ("VALIDATION_ERROR", "cursor")
    again = owner.call(operation, limit=1, cursor=cursor, **question[operation])
    assert again.error is None


def test_a_cursor_belongs_to_its_window(door: Door) -> None:
    owner = busy(Tenant(door))
    cursor = owner.call("ledger", limit=1).body["cursor"]

    answer = owner.call("ledger", limit=1, cursor=cursor, to="2100-01-01T00:00:00Z")

    assert answer.refusal == ("VALIDATION_ERROR", "cursor")


def test_a_cursor_says_nothing_of_a_tenant(door: Door) -> None:
    one, other = busy(Tenant(door)), busy(Tenant(door))

    first = door.call("system_usage", limit=1).body
    second = door.call("system_usage", limit=1, cursor=first["cursor"]).body

    shown = [item["tenant_id"] for page in (first, second) for item in page["tenants"]]
    assert sorted(shown) == sorted([one.id, other.id])
    stolen = one.call("ledger", cursor=first["cursor"])
    assert stolen.refusal == ("VALIDATION_ERROR", "cursor")


def test_the_refusal_of_one_tenant_names_no_other(cloud: Cloud, door: Door) -> None:
    cloud.set_limits(execution="none", workflow="none", system="10")
    owner, stranger = busy(Tenant(door)), Tenant(door)

    answer = stranger.reserve("5")

    assert answer.body["reason_code"] == "SYSTEM_MONTH_EXCEEDED"
    assert owner.id not in json.dumps(answer.body)


def test_a_receipt_of_another_tenant_opens_nothing(door: Door) -> None:
    owner, stranger = Tenant(door), Tenant(door)
    held = owner.reserve("1", reservation_id="hold-1", **LABELS).body["reservation"]

    answer = stranger.settle("hold-1", "1", receipt=held["receipt"])

    assert answer.error == "NOT_FOUND"
    assert stranger.usage()["spent_usd"] == "0"
    assert owner.reservation("hold-1")["state"] == "open"
