"""Bad input to the decisions about a workflow is refused by name, and the wall between tenants."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.bad_input import BAD_IDS, BAD_MONEY, BAD_REASONS, cases
from tests.support.doors.doors import HttpDoor
from tests.support.memory.fixture import MemoryCloud

FLOW = {"workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "fine"}
BODIES = [
    *cases("by", BAD_REASONS),
    *cases("reason", BAD_REASONS),
    *cases("idempotency_key", BAD_IDS),
    ("what", '"is this"'),
]


def path_of(tenant: Tenant) -> dict[str, str]:
    flow = "id" if isinstance(tenant.door, HttpDoor) else "workflow_execution_id"
    return {"tenant_id": tenant.id, flow: "flow"}


def test_each_field_of_a_decision_is_refused_by_its_name(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.call("pause", **FLOW, **WHO).body  # noqa: B018
    before = cloud.rows()
    for operation in ("pause", "resume"):
        limits = cases("limit_usd", BAD_MONEY) if operation == "resume" else [("limit_usd", '"5"')]
        for field, value in [*BODIES, *limits]:
            said = {name: json.dumps(text) for name, text in WHO.items()} | {field: value}
            text = "{" + ", ".join(f'"{name}": {one}' for name, one in said.items()) + "}"
            answer = tenant.door.send(operation, text, **path_of(tenant))
            if answer.error != "MALFORMED_JSON":
                assert answer.refusal == ("VALIDATION_ERROR", field), (operation, text)
            assert answer.has_status(400)
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", ["pause", "resume"])
@pytest.mark.parametrize("field", ["by", "reason"])
def test_who_and_why_must_be_said(tenant: Tenant, operation: str, field: str) -> None:
    answer = tenant.call(operation, **FLOW, **{field: "x"})

    assert answer.refusal == ("VALIDATION_ERROR", "reason" if field == "by" else "by")


@pytest.mark.parametrize("operation", ["pause", "resume", "workflow_history"])
def test_an_id_that_is_none_is_refused(tenant: Tenant, operation: str) -> None:
    who = {} if operation == "workflow_history" else WHO
    answer = tenant.call(operation, workflow_execution_id="a b", **who)

    assert answer.error == "VALIDATION_ERROR"
    assert answer.field in {"id", "workflow_execution_id"}


def test_the_history_takes_no_other_querys_cursor(tenant: Tenant) -> None:
    for flow in ("flow", "other"):
        for _ in range(2):
            tenant.call("pause", workflow_execution_id=flow, **WHO).body  # noqa: B018
            tenant.call("resume", workflow_execution_id=flow, **WHO).body  # noqa: B018
    cursor = tenant.call("workflow_history", **FLOW, limit=1).body["cursor"]

    bad: dict[str, Any] = {"cursor": "x", "limit": 0}
    for field, value in bad.items():
        answer = tenant.call("workflow_history", **FLOW, **{field: value})
        assert answer.refusal == ("VALIDATION_ERROR", field)
    answer = tenant.call("workflow_history", workflow_execution_id="other", cursor=cursor)
    assert answer.refusal == ("VALIDATION_ERROR", "cursor")


def test_another_tenants_workflow_is_an_unknown_one(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("7.77", **FLOW)
    tenant.call("pause", **FLOW, **WHO | {"by": "secret"}).body  # noqa: B018
    stranger = Tenant(tenant.door)
    before = cloud.rows()

    for answer in (
        stranger.call("resume", **FLOW, **WHO),
        stranger.call("workflow_history", **FLOW),
        stranger.call("workflow", **FLOW),
    ):
        assert answer.error == "NOT_FOUND"
        assert tenant.id not in answer.message
    assert cloud.rows() == before

    own = stranger.call("pause", **FLOW, **WHO).body
    assert (own["spent_usd"], own["by"]) == ("0", "maria")
    assert len(stranger.call("workflow_history", **FLOW).body["items"]) == 1
    stranger.call("resume", **FLOW, **WHO).body  # noqa: B018
    assert tenant.reserve("1", **FLOW).body["reason_code"] == "WORKFLOW_PAUSED"
