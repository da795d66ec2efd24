"""The ceiling per entry: what a hold meets there, and what a tenant may set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.histories.many_callers import CALLERS, new_round, served
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, Processes
from tests.support.thorough import size

pytestmark = pytest.mark.usefixtures("hurried")


RUN = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1", "agent": "writer"}
HUGE = "999999999999"


def lower(tenant: Tenant, amount: str | None, **fields: Any) -> Any:
    return tenant.call("set_tenant", most_per_entry_usd=amount, **WHO | fields)


def test_a_hold_above_the_ceiling_is_refused_and_nothing_is_stored(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits("none", "none", "none", "none")
    before = cloud.rows()
    for answer in (tenant.check("10000.01", **RUN), tenant.reserve("10000.01", **RUN)):
        body = answer.body
        assert answer.has_status(200)
        assert (body["allowed"], body["action"], body["reason_code"]) == (
            False, "block", "ENTRY_CEILING_EXCEEDED",
        )  # fmt: skip
        assert "10000 USD" in body["reason"]
        assert body["unblock"]
        assert body["reservation"] is None
    assert cloud.rows() == before
    assert tenant.check("10000", **RUN).body["allowed"]
    assert tenant.reserve("10000", **RUN).body["allowed"]


def test_a_ceiling_is_named_after_a_suspension_and_a_pause_and_before_the_gates(
    tenant: Tenant,
) -> None:
    def codes() -> set[str]:
        asked = (tenant.check(HUGE, **RUN), tenant.reserve(HUGE, **RUN))
        return {one.body["reason_code"] for one in asked}

    assert codes() == {"ENTRY_CEILING_EXCEEDED"}
    tenant.call("pause", workflow_execution_id="flow-1", **WHO)
    assert codes() == {"WORKFLOW_PAUSED"}
    tenant.call("suspend", **WHO)
    assert codes() == {"TENANT_SUSPENDED"}


def test_a_tenant_lowers_its_ceiling_and_takes_it_back(tenant: Tenant) -> None:
    assert tenant.call("get_tenant").body["most_per_entry_usd"] is None
    assert lower(tenant, "5").body["most_per_entry_usd"] == "5"
    assert tenant.call("get_tenant").body["most_per_entry_usd"] == "5"

    assert tenant.record("5.01").body["entry"]["flags"] == ["quarantined"]
    assert tenant.record("5").body["entry"]["flags"] == []
    assert tenant.reserve("5.01").body["reason_code"] == "ENTRY_CEILING_EXCEEDED"
    assert "5 USD" in tenant.check("5.01").body["reason"]
    assert tenant.call("set_tenant", owner="lee", **WHO).body["most_per_entry_usd"] == "5"
    assert lower(tenant, None).body["most_per_entry_usd"] is None
    assert tenant.record("5.01").body["entry"]["flags"] == []


def test_a_tenant_cannot_raise_the_ceiling_of_all(tenant: Tenant, cloud: MemoryCloud) -> None:
    assert lower(tenant, "10000.01").refusal == ("VALIDATION_ERROR", "most_per_entry_usd")
    assert lower(tenant, "10000").error is None
    cloud.set_limits(entry="100")

    assert tenant.record("101").body["entry"]["flags"] == ["quarantined"]
    assert lower(tenant, "101").refusal == ("VALIDATION_ERROR", "most_per_entry_usd")


def test_the_owner_of_a_tenant_lowers_its_ceiling_and_never_raises_it(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="lee", **WHO)
    assert lower(tenant, "5", by="lee").error is None
    assert lower(tenant, "4", by="lee").error is None
    assert lower(tenant, "5", by="lee").error == "FORBIDDEN"
    assert lower(tenant, None, by="lee").error == "FORBIDDEN"


def test_another_ceiling_holds_from_the_next_request_on_in_every_process(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Processes(monkeypatch)
    run = {"agent_execution_id": "run"}

    def flags() -> list[list[str]]:
        """Of a cost alone, of one in a batch, and of a settlement; each sees a policy of before."""
        hold = tenant.hold("1", **run)
        found = []
        for ceiling in (None, "5", None):
            here.answer(2)
            assert lower(tenant, ceiling).error is None
            here.answer(1)
            found.append(tenant.record("8", **run).body["entry"]["flags"])
        here.answer(2)
        lower(tenant, "5")
        here.answer(1)
        costs = [{"cost_usd": "8", **run}, {"cost_usd": "1", **run}]
        results = tenant.call("record_costs", costs=costs).body["results"]
        found += [one["entry"]["flags"] for one in results]
        here.answer(2)
        lower(tenant, None)
        here.answer(1)
        return [*found, tenant.settle(hold, "8").body["entry"]["flags"]]

    cloud.set_limits("none", "none", "none", "none")
    here.answer(1)
    apart = ["quarantined"]
    assert flags() == [[], apart, [], apart, [], []]
    assert not differences(cloud.rows())


def test_64_who_confirm_and_reject_at_once_agree_on_one_outcome(
    memory_cloud: MemoryCloud, callers: Callable[..., Any]
) -> None:
    def act(n: int) -> tuple[str, str | None]:
        operation = ("confirm_cost", "reject_cost")[n % 2]
        given = {"tenant_id": "acme", "entry_id": "slip", "by": f"person-{n}", "reason": "r"}
        return operation, served(operation, **given).error

    for turn in range(size(2, 4)):
        new_round(memory_cloud, turn)
        assert served("record_cost", tenant_id="acme", entry_id="slip", cost_usd="20000", **RUN)
        answers = Counter(callers(act))
        usage = served("tenant_usage", tenant_id="acme").body
        won, lost = ("confirm_cost", "reject_cost")
        if usage["spent_usd"] == "0":
            won, lost = lost, won
        assert answers == {(won, None): CALLERS // 2, (lost, "CONFLICT"): CALLERS // 2}
        assert usage["entries"] == (1 if won == "confirm_cost" else 0)
        assert not differences(memory_cloud.rows())
