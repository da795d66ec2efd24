"""People pause, resume and give a run a limit of its own: at once, in every process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Answer, DirectDoor, HttpDoor
from tests.support.histories.stored_pauses import changes, disagreements
from tests.support.memory.fixture import MemoryCloud

if TYPE_CHECKING:
    import pytest

FLOW = {"workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "too dear"}


def decide(tenant: Tenant, operation: str, flow: str = "flow", **fields: Any) -> Answer:
    return tenant.call(operation, workflow_execution_id=flow, **WHO | fields)


def state(tenant: Tenant, flow: str = "flow") -> tuple[Any, Any, Any]:
    body = tenant.call("workflow", workflow_execution_id=flow).body
    return body["state"], body["pause_id"], body["own_limit_usd"]


def operations(cloud: MemoryCloud, tenant: Tenant) -> list[str]:
    assert not disagreements(cloud.rows())
    return [one["operation"] for one in changes(cloud.rows(), tenant.id, "flow")]


def test_an_unknown_workflow_can_be_paused(tenant: Tenant) -> None:
    assert tenant.call("workflow", **FLOW).error == "NOT_FOUND"

    body = decide(tenant, "pause").body

    assert (body["state"], body["pause_id"], body["spent_usd"]) == ("paused", 1, "0")
    assert (body["by"], body["reason"], body["replayed"]) == ("maria", "too dear", False)
    assert state(tenant) == ("paused", 1, None)
    assert tenant.reserve("1", **FLOW).body["reason_code"] == "WORKFLOW_PAUSED"


def test_pausing_twice_is_pausing_once(tenant: Tenant, cloud: MemoryCloud) -> None:
    decide(tenant, "pause").body  # noqa: B018
    again = decide(tenant, "pause", by="jose", reason="me too").body

    assert (again["pause_id"], again["by"]) == (1, "maria")
    assert operations(cloud, tenant) == ["pause"]


def test_a_key_names_one_decision_for_ever_and_at_both_doors(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    key = {"idempotency_key": "key-1"}
    decide(tenant, "pause", **key).body  # noqa: B018
    decide(tenant, "resume").body  # noqa: B018

    for door in (HttpDoor(), DirectDoor()):
        again = decide(tenant.through(door), "pause", **key).body
        assert (again["replayed"], again["state"]) == (True, "active")
    for field, changed in (
        ("idempotency_key", {"operation": "resume"}),
        ("reason", {"reason": "another"}),
        ("by", {"by": "jose"}),
        ("workflow_execution_id", {"flow": "other"}),
    ):
        asked: dict[str, Any] = {"operation": "pause", **key, **changed}
        refused = decide(tenant, asked.pop("operation"), **asked)
        assert refused.refusal == ("IDEMPOTENCY_MISMATCH", field)
        assert refused.has_status(409)
    assert tenant.call("suspend", **WHO, **key).error == "IDEMPOTENCY_MISMATCH"
    assert operations(cloud, tenant) == ["pause", "resume"]


def test_a_key_of_a_decision_that_changed_nothing_is_taken_too(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    decide(tenant, "pause").body  # noqa: B018
    assert decide(tenant, "pause", idempotency_key="key").body["replayed"] is False

    assert decide(tenant, "pause", idempotency_key="key").body["replayed"] is True
    assert decide(tenant, "resume", idempotency_key="key").error == "IDEMPOTENCY_MISMATCH"
    assert operations(cloud, tenant) == ["pause"]


def test_a_resumed_workflow_goes_on_and_is_paused_again_by_the_next_refusal(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    assert tenant.reserve("51", **FLOW).body["pause_id"] == 1

    body = decide(tenant, "resume", by="jose", reason="my fault").body

    assert (body["state"], body["pause_id"], body["by"]) == ("active", None, "jose")
    assert tenant.reserve("50", **FLOW).body["allowed"] is True
    again = tenant.reserve("1", **FLOW).body
    assert (again["reason_code"], again["pause_id"]) == ("WORKFLOW_EXCEEDED", 2)
    assert operations(cloud, tenant) == ["pause", "resume", "pause"]


def test_the_runs_own_limit_counts_everywhere_and_for_no_other_run(
    tenant: Tenant, forgetful_processes: None
) -> None:
    tenant.hold("50", **FLOW)
    assert tenant.reserve("1", **FLOW).body["allowed"] is False

    body = decide(tenant, "resume", limit_usd="70.50").body

    assert (body["limit_usd"], body["available_usd"]) == ("70.5", "20.5")
    assert state(tenant) == ("active", None, "70.5")
    assert gate(tenant.check("20.5", **FLOW).body, "workflow")["limit_usd"] == "70.5"
    assert tenant.check("20.51", **FLOW).body["reason_code"] == "WORKFLOW_EXCEEDED"
    granted = tenant.reserve("20.5", **FLOW).body
    assert gate(granted, "workflow")["available_usd"] == "0"
    recorded = tenant.record("1", **FLOW).body
    assert gate(recorded, "workflow")["limit_usd"] == "70.5"
    refused = tenant.reserve("0.01", **FLOW).body
    assert "of 70.5 USD" in refused["reason"]
    assert tenant.reserve("50.01", workflow_execution_id="other").body["allowed"] is False


def test_a_limit_below_what_is_spent_refuses_the_next_one(tenant: Tenant) -> None:
    tenant.spend("20", **FLOW)

    body = decide(tenant, "resume", limit_usd="10").body

    assert (body["state"], body["exceeded"], body["available_usd"]) == ("exceeded", True, "-10")
    assert tenant.reserve("0", **FLOW).body["reason_code"] == "WORKFLOW_EXCEEDED"
    assert state(tenant) == ("paused", 1, "10")
    assert decide(tenant, "resume", limit_usd="30").body["state"] == "active"
    assert tenant.reserve("10", **FLOW).body["allowed"] is True


def test_a_limit_of_its_own_takes_the_place_of_a_shadow_as_a_shadow(tenant: Tenant) -> None:
    shadow = {"scope": "workflow", "period": "run", "limit_usd": "50", "action": "pause"}
    budget = {"budget_id": "workflow", "enforcement": "shadow", **shadow, **WHO}
    tenant.call("set_budget", **budget).body  # noqa: B018
    tenant.spend("1", **FLOW)
    decide(tenant, "resume", limit_usd="5").body  # noqa: B018

    body = tenant.reserve("9", **FLOW).body

    assert (body["allowed"], body["would_block"]) == (True, ["workflow"])
    assert gate(body, "workflow")["limit_usd"] == "5"


def test_a_workflow_that_was_only_paused_and_resumed_is_still_a_new_one(tenant: Tenant) -> None:
    budget = {"scope": "tenant", "period": "month", "limit_usd": "5", "action": "block_new"}
    tenant.call("set_budget", budget_id="tenant-month", **budget, **WHO).body  # noqa: B018
    tenant.spend("5", **FLOW)
    decide(tenant, "pause", flow="new").body  # noqa: B018
    decide(tenant, "resume", flow="new").body  # noqa: B018

    new = tenant.reserve("1", workflow_execution_id="new").body

    assert (new["allowed"], new["reason_code"]) == (False, "TENANT_MONTH_EXCEEDED")
    assert tenant.reserve("1", **FLOW).body["allowed"] is True, "it runs and may finish"


def test_an_unseen_workflow_has_nothing_to_resume_and_no_history(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    before = cloud.rows()

    for answer in (decide(tenant, "resume"), decide(tenant, "resume", limit_usd="5")):
        assert answer.error == "NOT_FOUND"
        assert answer.has_status(404)
    assert tenant.call("workflow_history", **FLOW).error == "NOT_FOUND"
    assert cloud.rows() == before


def test_resuming_a_running_workflow_says_so_and_leaves_no_trace(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", **FLOW)
    before = cloud.rows()

    body = decide(tenant, "resume").body

    assert (body["state"], body["woken"], body["by"]) == ("active", 0, None)
    assert cloud.rows() == before
    assert tenant.call("workflow_history", **FLOW).body == {"items": [], "cursor": None}


def test_the_owner_resumes_but_gives_the_run_no_limit(
    tenant: Tenant, cloud: MemoryCloud, forgetful_processes: None
) -> None:
    decide(tenant, "pause").body  # noqa: B018
    decide(tenant, "resume", by="olga").body  # noqa: B018 - whom this process does not know as owner
    tenant.call("set_tenant", owner="Olga", **WHO).body  # noqa: B018
    cloud.start_another_process()
    decide(tenant, "pause").body  # noqa: B018
    before = cloud.rows()

    refused = decide(tenant, "resume", by="olga", limit_usd="500")

    assert refused.refusal == ("FORBIDDEN", "by")
    assert refused.has_status(403)
    assert cloud.rows() == before
    assert decide(tenant, "resume", by="olga").body["state"] == "active"
    assert decide(tenant, "resume", by="maria", limit_usd="60").body["own_limit_usd"] == "60"


def test_who_became_the_owner_a_moment_ago_is_known_in_every_process(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(tenant, "pause").body  # noqa: B018
    decide(tenant, "resume", by="olga", limit_usd="60").body  # noqa: B018 - nobody owns it yet
    this_process = os.environ["MOST_HOLDS"]
    cloud.start_another_process()
    tenant.call("set_tenant", owner="olga", **WHO).body  # noqa: B018
    monkeypatch.setenv("MOST_HOLDS", this_process)

    assert decide(tenant, "resume", by="olga", limit_usd="70").error == "FORBIDDEN"


def test_the_history_says_who_and_why_the_latest_first_in_pages(tenant: Tenant) -> None:
    for number in range(3):
        decide(tenant, "pause", reason=f"pause {number}").body  # noqa: B018
        decide(tenant, "resume", by="jose", limit_usd=f"6{number}").body  # noqa: B018

    found: list[Any] = []
    page = tenant.call("workflow_history", **FLOW, limit=2).body
    while True:
        found += page["items"]
        assert len(page["items"]) <= 2
        if page["cursor"] is None:
            break
        page = tenant.call("workflow_history", **FLOW, limit=2, cursor=page["cursor"]).body

    assert [one["operation"] for one in found] == ["resume", "pause"] * 3
    assert found == tenant.call("workflow_history", **FLOW).body["items"]
    assert (found[1]["by"], found[1]["reason"]) == ("maria", "pause 2")
    assert (found[1]["before"]["state"], found[1]["after"]["state"]) == ("active", "paused")
    assert (found[0]["before"]["limit_usd"], found[0]["after"]["limit_usd"]) == ("61", "62")
    assert "principal" in found[0]
