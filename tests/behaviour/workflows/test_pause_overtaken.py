"""A refusal is judged again if the workflow changes before the refusal pauses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from budget_monitor.usecases.workflows.pause import Pausing
from tests.support.builders import Tenant
from tests.support.histories.stored_pauses import disagreements, runs
from tests.support.memory.fixture import MemoryCloud

FLOW = {"workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "fine"}
MORE = {"budget_id": "workflow", "amount_usd": "5", "until": "2099-01-01T00:00:00Z"}
Act = Callable[[], object]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], None]:
    """What happens after the next refusal, just before it pauses the workflow."""
    original, waiting = Pausing.pause_for, list[Act]()

    def late(*refusal: Any) -> int | None:
        if waiting:
            waiting.pop()()
        return original(*refusal)

    monkeypatch.setattr(Pausing, "pause_for", late)
    return waiting.append


def granted(tenant: Tenant, cloud: MemoryCloud, paused: list[str]) -> bool:
    body = tenant.reserve("1", **FLOW).body
    assert not disagreements(cloud.rows())
    run = runs(cloud.rows()).get((tenant.id, "flow"))
    assert (run["pauses"] if run else 0) == len(paused)
    return bool(body["allowed"])


@pytest.mark.parametrize("operation", ["raise_limit", "raise_system_limit"])
def test_a_raise_has_the_last_word(
    tenant: Tenant, cloud: MemoryCloud, meanwhile: Callable[[Act], None], operation: str
) -> None:
    tenant.hold("50", **FLOW)
    whose = {} if operation == "raise_system_limit" else {"tenant_id": tenant.id}
    meanwhile(lambda: tenant.door.call(operation, **whose, **MORE, **WHO).body)

    assert granted(tenant, cloud, paused=[])


def test_a_resumption_with_a_limit_has_the_last_word(
    tenant: Tenant, cloud: MemoryCloud, meanwhile: Callable[[Act], None]
) -> None:
    tenant.hold("50", **FLOW)
    meanwhile(lambda: tenant.call("resume", **FLOW, **WHO, limit_usd="60").body)

    assert granted(tenant, cloud, paused=[])


def test_a_resumption_without_a_limit_is_not_undone_by_what_was_refused_before_it(
    tenant: Tenant, cloud: MemoryCloud, meanwhile: Callable[[Act], None]
) -> None:
    hold = tenant.hold("50", **FLOW)

    def somebody_sees_to_it() -> None:
        tenant.call("pause", **FLOW, **WHO).body  # noqa: B018
        tenant.release(hold).body  # noqa: B018
        tenant.call("resume", **FLOW, **WHO).body  # noqa: B018

    meanwhile(somebody_sees_to_it)

    assert granted(tenant, cloud, paused=["by maria"])


def test_a_suspension_has_the_last_word(
    tenant: Tenant, cloud: MemoryCloud, meanwhile: Callable[[Act], None]
) -> None:
    tenant.hold("50", **FLOW)
    meanwhile(lambda: tenant.call("suspend", **WHO).body)

    body = tenant.reserve("1", **FLOW).body

    assert body["reason_code"] == "TENANT_SUSPENDED"
    assert not runs(cloud.rows())


def test_another_persons_pause_is_shown_as_it_is(
    tenant: Tenant, cloud: MemoryCloud, meanwhile: Callable[[Act], None]
) -> None:
    tenant.hold("50", **FLOW)
    meanwhile(lambda: tenant.call("pause", **FLOW, **WHO).body)

    body = tenant.reserve("1", **FLOW).body

    assert (body["reason_code"], body["pause_id"]) == ("WORKFLOW_PAUSED", 1)
    assert runs(cloud.rows())[tenant.id, "flow"]["by"] == "maria"
