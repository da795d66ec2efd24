"""State machines wait for a person with a task token: none is lost, and none is woken twice."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, DirectDoor
from tests.support.dynamodb.faults import KilledError, answer_lost, killed_after, refused
from tests.support.histories.stored_pauses import disagreements, runs
from tests.support.memory.fixture import MemoryCloud
from tests.support.workflows.machines import Machines, out_of_reach

FLOW = {"workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "fine"}


@pytest.fixture
def tenant(memory_cloud: MemoryCloud, machines: Machines) -> Tenant:
    return Tenant(DirectDoor())


def waits(tenant: Tenant, token: str, **fields: Any) -> Answer:
    return tenant.call("await_resume", task_token=token, **FLOW | fields)


def resume(tenant: Tenant, **fields: Any) -> Answer:
    return tenant.call("resume", **FLOW, **WHO | fields)


def said(answer: Answer) -> tuple[Any, ...]:
    body = answer.body
    return tuple(body[name] for name in ("state", "waiting", "waking", "woken", "gone"))


def run_of(tenant: Tenant, cloud: MemoryCloud) -> dict[str, Any]:
    assert not disagreements(cloud.rows())
    return runs(cloud.rows())[tenant.id, "flow"]


def wake(tenant: Tenant) -> int:
    return int(tenant.door.call("wake").body["woken"])


def test_who_waits_pauses_the_workflow_and_is_woken_by_the_resumption(
    tenant: Tenant, machines: Machines
) -> None:
    assert said(waits(tenant, "token")) == ("paused", 1, 0, 0, 0)
    assert tenant.reserve("1", **FLOW).body["reason_code"] == "WORKFLOW_PAUSED"

    assert said(resume(tenant, limit_usd="70")) == ("active", 0, 0, 1, 0)

    told = machines.woken["token"]
    assert (told["tenant_id"], told["workflow_execution_id"]) == (tenant.id, "flow")
    assert (told["state"], told["limit_usd"]) == ("active", "70")
    assert (told["by"], told["reason"]) == ("maria", "fine")
    assert said(resume(tenant)) == ("active", 0, 0, 0, 0)
    assert machines.told == {"token": 1}


def test_the_pause_says_who_waits_where_it_is_said(tenant: Tenant, memory_cloud: Any) -> None:
    assert waits(tenant, "token", by="the nightly run").body["by"] == "the nightly run"
    assert waits(tenant, "token", workflow_execution_id="other").body["by"] == "state machine"


@pytest.mark.parametrize("pause_id", [{}, {"pause_id": 1}])
def test_a_resumption_before_the_token_is_not_lost(
    tenant: Tenant, machines: Machines, pause_id: dict[str, int]
) -> None:
    assert tenant.reserve("51", **FLOW).body["pause_id"] == 1
    assert said(resume(tenant)) == ("active", 0, 0, 0, 0)
    assert said(resume(tenant, limit_usd="70")) == ("active", 0, 0, 0, 0)

    assert said(waits(tenant, "token", **pause_id)) == ("active", 0, 0, 1, 0)
    assert machines.told == {"token": 1}
    assert said(waits(tenant, "next")) == ("paused", 1, 0, 0, 0)


def test_a_token_that_is_delivered_again_waits_once_and_is_woken_once(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud
) -> None:
    for _ in range(2):
        assert said(waits(tenant, "token")) == ("paused", 1, 0, 0, 0)
    assert said(resume(tenant)) == ("active", 0, 0, 1, 0)
    before = memory_cloud.rows()

    assert said(waits(tenant, "token")) == ("active", 0, 0, 0, 0)
    assert said(waits(tenant, "token", pause_id=1)) == ("active", 0, 0, 0, 0)

    assert machines.told == {"token": 1}
    assert memory_cloud.rows() == before


def test_two_branches_of_one_workflow_go_on_together(tenant: Tenant, machines: Machines) -> None:
    waits(tenant, "left").body  # noqa: B018
    assert said(waits(tenant, "right", pause_id=1)) == ("paused", 2, 0, 0, 0)

    assert said(resume(tenant)) == ("active", 0, 0, 2, 0)
    assert machines.names == ["left", "right"]


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_who_waits_no_longer_is_gone_and_the_others_go_on(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud, code: str
) -> None:
    for token in ("left", "middle", "right"):
        waits(tenant, token).body  # noqa: B018
    machines.gone["middle"] = code

    assert said(resume(tenant)) == ("active", 0, 0, 2, 1)

    assert machines.names == ["left", "right"]
    assert run_of(tenant, memory_cloud)["due"] is False
    assert wake(tenant) == 0


def test_what_is_no_token_at_all_is_gone_and_not_asked_for_ever(
    tenant: Tenant, machines: Machines
) -> None:
    waits(tenant, "nonsense").body  # noqa: B018
    machines.gone["nonsense"] = "ValidationException"

    assert said(resume(tenant)) == ("active", 0, 0, 0, 1)


def test_more_than_a_hundred_cannot_wait_and_none_of_those_who_do_is_forgotten(
    tenant: Tenant, machines: Machines
) -> None:
    for number in range(100):
        waits(tenant, f"token-{number:03}").body  # noqa: B018

    assert waits(tenant, "one-more").error == "CONFLICT"
    assert said(waits(tenant, "token-000")) == ("paused", 100, 0, 0, 0)
    assert said(resume(tenant)) == ("active", 0, 0, 100, 0)
    assert len(machines.woken) == 100
    assert said(waits(tenant, "one-more")) == ("paused", 1, 0, 0, 0)


@pytest.mark.parametrize("fate", [out_of_reach, refused("ThrottlingException"), refused("Oops")])
def test_what_could_not_be_called_back_is_retried_by_the_schedule(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud, fate: Any
) -> None:
    waits(tenant, "token").body  # noqa: B018
    machines.fate = fate

    answer = resume(tenant)

    assert said(answer) == ("active", 0, 1, 0, 0)
    assert run_of(tenant, memory_cloud)["due"] is True
    assert tenant.reserve("1", **FLOW).body["allowed"] is True, "it goes on, told or not"
    assert wake(tenant) == 0
    machines.fate = None
    assert wake(tenant) == 1
    assert machines.names == ["token"]
    assert run_of(tenant, memory_cloud)["due"] is False
    assert wake(tenant) == 0


def test_a_workflow_paused_again_before_its_callback_says_so(
    tenant: Tenant, machines: Machines
) -> None:
    waits(tenant, "token").body  # noqa: B018
    machines.fate = out_of_reach
    resume(tenant).body  # noqa: B018
    assert tenant.call("pause", **FLOW, **WHO).body["waking"] == 1
    machines.fate = None

    assert wake(tenant) == 1
    assert (machines.woken["token"]["state"], machines.woken["token"]["pause_id"]) == ("paused", 2)


@pytest.mark.parametrize("fate", [killed_after, answer_lost])
def test_a_callback_with_a_lost_answer_resumes_nothing_twice(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud, fate: Any
) -> None:
    waits(tenant, "token").body  # noqa: B018
    machines.fate = fate
    with contextlib.suppress(KilledError):
        resume(tenant)
    assert machines.names == ["token"]
    machines.fate = None

    wake(tenant)

    assert said(resume(tenant)) == ("active", 0, 0, 0, 0)
    assert machines.names == ["token"]
    assert run_of(tenant, memory_cloud)["woken"] != []


def test_a_workflow_that_cannot_be_read_stops_no_other_callback(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud
) -> None:
    machines.fate = out_of_reach
    for flow in ("flow", "broken", "other"):
        waits(tenant, f"of-{flow}", workflow_execution_id=flow).body  # noqa: B018
        tenant.call("resume", workflow_execution_id=flow, **WHO).body  # noqa: B018
    name = memory_cloud.tables["BudgetsTable"]
    memory_cloud.database.forbidden -= {"PutItem"}
    rows = memory_cloud.database.rows(name)
    broken = next(one for one in rows if one["pk"]["S"] == f"{tenant.id}#workflow#broken")
    put = {"TableName": name, "Item": {**broken, "body": {"S": "{}"}}}
    memory_cloud.database.execute("PutItem", put)
    machines.fate = None

    assert tenant.door.call("wake").error == "UNAVAILABLE"
    assert machines.names == ["of-flow", "of-other"]


def test_a_pause_that_never_was_and_bad_tokens_are_refused_by_name(
    tenant: Tenant, memory_cloud: MemoryCloud
) -> None:
    before = memory_cloud.rows()
    bad: list[tuple[str, Any]] = [("task_token", value) for value in ("", "x" * 2049, 5, None)]
    bad += [("task_token", "a\nb"), ("pause_id", 0), ("pause_id", "1x"), ("pause_id", 1)]
    bad += [("workflow_execution_id", "a#b"), ("by", ""), ("what", "is this")]
    for field, value in bad:
        answer = tenant.call("await_resume", **{"task_token": "token", **FLOW, field: value})
        assert answer.refusal == ("VALIDATION_ERROR", field), (field, value)
    assert memory_cloud.rows() == before
