"""What is skipped is named with its reason and the time of its last true comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from budget_monitor.usecases.reconcile import compare_tenant, last_compared, verdicts
from tests.support.builders import Tenant
from tests.support.memory.errors import DynamoError
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.knobs import behind, fresh
from tests.support.reconcile.reconciling import drift, month_key, reconcile
from tests.support.times import at
from tests.support.workflows.waiting import Waits

pytestmark = [pytest.mark.usefixtures("waits"), pytest.mark.doors("direct")]


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    with at("2026-11-20T12:00:00Z", tick=False):
        yield memory_cloud


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The metrics that were emitted since they were looked at last."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return {
        name: value[0]
        for one in found
        for name, value in one.items()
        if name.startswith("Reconcile")
    }


def of_run(answer: dict[str, Any]) -> dict[str, Any]:
    (found,) = [one for one in answer["skipped"] if one["period"] == "run"]
    return dict(found)


def test_metrics_have_the_stack_as_their_one_dimension_whatever_the_platform_sets(
    tenant: Tenant,
    cloud: MemoryCloud,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "a-platform")
    monkeypatch.setenv("STACK_NAME", "first-stack")
    reconcile(tenant_id=tenant.id)
    lines = [json.loads(one) for one in capsys.readouterr().out.splitlines() if '"_aws"' in one]
    assert [one["Stack"] for one in lines] == ["first-stack"] * 3
    told = [one["_aws"]["CloudWatchMetrics"][0] for one in lines]
    assert [one["Dimensions"] for one in told] == [[["Stack"]]] * 3


def test_the_age_grows_until_the_account_is_compared_again(
    tenant: Tenant, cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.spend("1", agent_execution_id="run")
    reconcile(tenant_id=tenant.id)
    assert metrics(capsys) == {
        "ReconcileDifferences": 0,
        "ReconcileSkipped": 0,
        "ReconcileAge": 0,
    }
    for day in (21, 22, 23):
        with at(f"2026-11-{day}T12:00:00Z", tick=False):
            tenant.spend("1", agent_execution_id="run")
            cloud.database.stale_indexes = behind(1)
            skipped = of_run(reconcile(tenant_id=tenant.id))
            cloud.database.stale_indexes = fresh
        assert skipped["last_compared_at"] == "2026-11-20T12:00:00Z"
        seen = metrics(capsys)
        assert seen["ReconcileSkipped"] > 0
        assert (day - 20) * 86400 <= seen["ReconcileAge"] < (day - 20) * 86400 + 60
    drift(cloud, f"{tenant.id}#execution#run#run", spent="1", committed="1")
    with at("2026-11-24T12:00:00Z", tick=False):
        answer = reconcile(tenant_id=tenant.id)
        assert (len(answer["differences"]), answer["skipped"]) == (1, [])
        assert metrics(capsys)["ReconcileAge"] == 0


def test_what_was_never_compared_says_so_and_ages_since_it_was_met(
    tenant: Tenant, cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        tenant.spend("1", agent_execution_id="run")
    cloud.database.stale_indexes = behind(1)
    assert of_run(reconcile(tenant_id=tenant.id, month="2026-11")) == {
        "tenant_id": tenant.id,
        "scope": "execution",
        "scope_id": "run",
        "period": "run",
        "reason": verdicts.UNCONFIRMED,
        "last_compared_at": None,
    }
    metrics(capsys)
    with at("2026-11-22T12:00:00Z", tick=False):
        tenant.spend("1", agent_execution_id="run")
        reconcile(tenant_id=tenant.id)
    assert 2 * 86400 <= metrics(capsys)["ReconcileAge"] < 2 * 86400 + 60


def test_only_100_accounts_are_remembered_and_none_looks_younger_than_it_is(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_compared, "MAX_REMEMBERED", 2)

    def spend() -> None:
        for number in range(4):
            tenant.spend("1", agent_execution_id=f"run-{number}")

    spend()
    reconcile(tenant_id=tenant.id)
    for day in (21, 22):
        with at(f"2026-11-{day}T12:00:00Z", tick=False):
            spend()
            cloud.database.stale_indexes = behind(4)
            answer = reconcile(tenant_id=tenant.id)
        times = {one["last_compared_at"] for one in answer["skipped"]}
        assert (len(answer["skipped"]) > 2, times) == (True, {"2026-11-20T12:00:00Z"})
    (row,) = [
        row
        for row in cloud.rows()["BudgetsTable"]
        if "#reconciled#2026-11" in str(row["pk"]) and "#change#" not in str(row["pk"])
    ]
    assert len(json.loads(row["body"]["S"])["skipped"]) == 2


def test_a_comparison_is_no_less_true_where_its_time_cannot_be_kept(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.spend("1")
    drift(cloud, month_key(tenant), spent="1", committed="1")
    execute = cloud.database.execute

    def failing(operation: str, request: dict[str, Any]) -> Any:
        if "reconciled" in json.dumps(request):
            raise DynamoError("ValidationException", "not now")
        return execute(operation, request)

    monkeypatch.setattr(cloud.database, "execute", failing)
    assert len(reconcile(tenant_id=tenant.id)["differences"]) == 1


def test_without_time_for_a_second_look_nothing_is_believed(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, waits: Waits
) -> None:
    tenant.spend("1")
    drift(cloud, month_key(tenant), spent="1", committed="1")
    monkeypatch.setattr("budget_monitor.deadline.about_to_end", lambda needed=0: needed > 0)
    answer = reconcile(tenant_id=tenant.id)
    assert (answer["differences"], waits.durations) == ([], [])
    assert [one["reason"] for one in answer["skipped"]] == [compare_tenant.ONCE]


def test_only_confirmed_differences_are_reported(tenant: Tenant, cloud: MemoryCloud) -> None:
    def told() -> int:
        return len([row for row in cloud.rows()["AlertsTable"] if "reconcile" in str(row)])

    tenant.spend("1")
    cloud.database.stale_indexes = behind(1)
    reconcile(tenant_id=tenant.id)
    assert told() == 0
    cloud.database.stale_indexes = fresh
    drift(cloud, month_key(tenant), spent="1", committed="1")
    reconcile(tenant_id=tenant.id)
    assert told() == 1


def test_all_tenants_of_an_invocation_share_one_wait(
    tenant: Tenant, cloud: MemoryCloud, waits: Waits
) -> None:
    for number in range(5):
        one = Tenant(tenant.door, f"tenant-{number}")
        one.spend("1")
        drift(cloud, month_key(one), spent="0.5", committed="0.5")
    answer = reconcile()
    assert len(answer["differences"]) == 6  # with the system, which is no longer their sum
    assert len(waits.durations) == 1


def test_accounts_that_no_list_names_do_not_count_as_compared(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", agent_execution_id="run")
    reconcile(tenant_id=tenant.id)
    with at("2026-11-21T12:00:00Z", tick=False):
        cloud.database.stale_indexes = behind(100)
        (month,) = reconcile(tenant_id=tenant.id)["skipped"]
        assert month["scope"] == "tenant"
        cloud.database.stale_indexes = fresh
    with at("2026-11-22T12:00:00Z", tick=False):
        tenant.spend("1", agent_execution_id="run")
        cloud.database.stale_indexes = behind(1)
        skipped = of_run(reconcile(tenant_id=tenant.id))
    assert skipped["last_compared_at"] == "2026-11-20T12:00:00Z"
