"""Alerts other than thresholds, and how often they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.alerts.tenants import WHO, sent
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.errors import DynamoError
from tests.support.memory.watch import Watch
from tests.support.rules.governing import GENEROUS, lift, set_budget
from tests.support.times import at


def test_the_first_refusal_in_a_period_alerts_and_no_other_one(
    tenant: Tenant, watch: Watch
) -> None:
    for _ in range(3):
        assert not tenant.reserve("101").body["allowed"]
        watch.cloud.start_another_process()
    (alert,) = sent(watch)
    assert (alert["kind"], alert["severity"], alert["scope"]) == ("blocked", "critical", "tenant")
    assert alert["reason"].startswith("Monthly budget exceeded")
    lift(tenant, "tenant-month", "1")
    assert not tenant.reserve("102").body["allowed"]
    assert [one["limit_usd"] for one in sent(watch)] == ["101"]


def test_a_refused_check_and_a_refused_run_send_no_alert(tenant: Tenant, watch: Watch) -> None:
    watch.cloud.set_limits(execution="1", workflow="none", tenant="100", system="none")
    assert not tenant.check("200").body["allowed"]
    assert not tenant.reserve("2").body["allowed"]
    assert sent(watch) == []


def test_a_run_with_thresholds_alerts_on_its_refusal(tenant: Tenant, watch: Watch) -> None:
    set_budget(tenant, "execution", "1", scope="execution", period="run", thresholds=[80])
    assert not tenant.reserve("2", agent_execution_id="run").body["allowed"]
    (alert,) = sent(watch)
    assert (alert["scope"], alert["scope_id"]) == ("execution", "run")


def test_a_refusal_by_the_system_is_the_systems_to_know_and_names_no_tenant(
    tenant: Tenant, watch: Watch
) -> None:
    tenant.call("set_tenant", owner="lee@shop.example", **WHO)
    watch.cloud.set_limits(**GENEROUS | {"system": "1"})
    assert not tenant.reserve("2").body["allowed"]
    (alert,) = sent(watch)
    assert (alert["tenant_id"], alert["owner"]) == (None, None)
    assert tenant.id not in str(watch.post.letters) + str(watch.post.events)
    assert tenant.call("alerts").body["items"] == []
    assert len(tenant.door.call("system_alerts").body["items"]) == 1


def test_a_refusal_writes_its_alert_and_nothing_about_money(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("1")
    before = watch.cloud.rows()
    tenant.reserve("200")
    after = watch.cloud.rows()
    assert len(after.pop("AlertsTable")) == len(before.pop("AlertsTable")) + 1
    assert after == before


def test_an_alert_that_cannot_be_stored_changes_no_decision(
    tenant: Tenant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = watch.cloud.database.execute

    def failing(operation: str, request: dict[str, Any]) -> Any:
        if "#alert#" in str(request):
            raise DynamoError("AccessDeniedException", "not now")
        return original(operation, request)

    monkeypatch.setattr(watch.cloud.database, "execute", failing)
    decision = tenant.reserve("200").body
    assert decision["reason_code"] == "TENANT_MONTH_EXCEEDED"


def test_each_pause_and_each_resume_alerts(tenant: Tenant, watch: Watch) -> None:
    for _ in range(2):
        for operation in ("pause", "pause", "resume", "resume"):
            tenant.call(operation, workflow_execution_id="flow", **WHO)
    kinds = [one["kind"] for one in sent(watch)]
    assert sorted(kinds) == ["workflow_paused"] * 2 + ["workflow_resumed"] * 2
    assert watch.post.letters[0]["subject"].startswith(f"tenant {tenant.id}, workflow flow ")


def test_a_refusal_that_pauses_tells_of_the_pause(tenant: Tenant, watch: Watch) -> None:
    watch.cloud.set_limits(**GENEROUS | {"workflow": "1"})
    tenant.reserve("2", workflow_execution_id="flow")
    (alert,) = sent(watch)
    assert (alert["kind"], alert["scope_id"]) == ("workflow_paused", "flow")


def test_the_first_hold_of_a_day_that_expires_alerts(tenant: Tenant, watch: Watch) -> None:
    for day in (20, 21):
        with at(f"2026-11-{day}T10:00:00Z"):
            for _ in range(3):
                tenant.hold("1", expires_in_seconds=1)
        with at(f"2026-11-{day}T11:00:00Z"):
            DirectDoor().call("expire")
    alerts = sent(watch)
    assert [one["period"] for one in alerts] == ["2026-11-20", "2026-11-21"]
    assert {one["kind"] for one in alerts} == {"hold_expired_unsettled"}


@pytest.mark.usefixtures("waits")
def test_a_ledger_that_differs_alerts_once(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("1", agent_execution_id="run")
    table = watch.cloud.database._tables[watch.cloud.tables["AccountsTable"]]  # noqa: SLF001
    (key,) = [one for one in table.rows if "#execution#" in one[0]]
    table.put(key, {**table.rows[key], "spent": {"N": "2"}, "committed": {"N": "2"}}, 10**6)
    for _ in range(2):
        watch.cloud.start_another_process()
        found = DirectDoor().invoke(
            "record_cost", f'{{"operation": "reconcile", "tenant_id": "{tenant.id}"}}'
        )
        assert found.body["differences"]
    (alert,) = sent(watch)
    assert (alert["kind"], alert["differences"]) == ("reconcile_difference", 1)
