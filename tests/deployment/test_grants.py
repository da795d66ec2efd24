"""The functions may do what they do, and nothing else: the recorder that holds the suite to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint

from budget_monitor.usecases import tenant_jobs
from functions.expiring import app as expiring
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor, handler_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import set_budget, set_system
from tests.support.template.grants import FUNCTIONS, Recorder, granted, not_granted, not_used
from tests.support.template.template import resources
from tests.support.times import at


@pytest.fixture
def recorder(pytestconfig: pytest.Config) -> Recorder:
    """The one of this run."""
    found = pytestconfig.pluginmanager.get_plugin("grants")
    assert isinstance(found, Recorder)
    return found


def test_every_function_of_the_template_is_recorded() -> None:
    functions = resources("AWS::Serverless::Function")
    assert {name.removesuffix("Function").lower() for name in functions} == set(FUNCTIONS)
    assert {function for function, _, _ in granted()} == set(FUNCTIONS)


def test_expiring_a_hold_whose_budget_names_its_run_reads_accounts_and_may(
    memory_cloud: MemoryCloud, recorder: Recorder
) -> None:
    """The hold is older than the budget, so its row lacks the run's first name."""
    tenant = Tenant(DirectDoor())
    flow = {"workflow_execution_id": "flow"}
    with at("2026-11-22T10:00:00Z"):
        tenant.hold("1", workflow="nightly", **flow)
        tenant.hold("1", agent_execution_id="run", expires_in_seconds=30, **flow)
        named = {"scope": "workflow", "scope_id": "nightly", "period": "run"}
        set_budget(tenant, "nightly", "5", **named)
    before = recorder.used.copy()
    recorder.used.clear()
    with at("2026-11-22T10:10:00Z"):
        assert expiring.lambda_handler({"operation": "expire"}, None) == {"expired": 1}
    mine = recorder.used.copy()
    recorder.used.update(before)

    assert ("expiring", "dynamodb:BatchGetItem", "AccountsTable") in mine
    assert ("expiring", "dynamodb:Query", "ReservationsTable/index/by_expiry") in mine
    assert ("expiring", "dynamodb:UpdateItem", "AccountsTable") in mine
    assert not_granted(mine) == []


def test_a_hold_that_settles_itself_writes_the_ledger_and_may(
    memory_cloud: MemoryCloud, recorder: Recorder
) -> None:
    tenant = Tenant(DirectDoor())
    for hold, ceiling in (("small", "10000"), ("quarantined", "1")):
        with at("2026-11-22T10:00:00Z"):
            tenant.hold("2", on_expiry="settle_at_estimate", expires_in_seconds=30)
        memory_cloud.set_limits(entry=ceiling)
        before = recorder.used.copy()
        recorder.used.clear()
        with at("2026-11-22T10:10:00Z"):
            assert expiring.lambda_handler({"operation": "expire"}, None) == {"expired": 1}
        mine = recorder.used.copy()
        recorder.used.update(before)
        assert ("expiring", "dynamodb:PutItem", "LedgerTable") in mine
        checks = ("expiring", "dynamodb:ConditionCheckItem", "BudgetsTable")
        assert (checks in mine) == (hold == "quarantined")
        assert not_granted(mine) == []


def test_a_hold_that_expires_under_another_limit_levels_the_rows_and_may(
    memory_cloud: MemoryCloud, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "4")
    tenant = Tenant(DirectDoor())
    with at("2026-11-22T10:00:00Z"):
        tenant.hold("1", expires_in_seconds=30)
        set_system(tenant.door, "system-month", "0.5")
    with at("2026-11-22T10:10:00Z"):
        assert expiring.lambda_handler({"operation": "expire"}, None) == {"expired": 1}
    assert ("expiring", "dynamodb:GetItem", "AccountsTable") in recorder.used


def test_a_decision_beside_a_row_of_a_later_one_reads_it_and_may(
    memory_cloud: MemoryCloud, recorder: Recorder
) -> None:
    """As after the rules alone were restored from a backup: then nothing is decided."""
    tenant = Tenant(DirectDoor())
    with at("2026-11-22T10:00:00Z"):
        set_budget(tenant, "tenant-month", "5")
        later = {
            "TableName": memory_cloud.tables["AccountsTable"],
            "Key": {"pk": {"S": f"{tenant.id}#tenant#{tenant.id}#2026-11"}},
            "UpdateExpression": "SET policy_version = :later",
            "ExpressionAttributeValues": {":later": {"N": "9"}},
        }
        memory_cloud.database.execute("UpdateItem", later)
        assert set_budget(tenant, "tenant-month", "7").error == "UNAVAILABLE"
    assert ("budgeting", "dynamodb:GetItem", "AccountsTable") in recorder.used


@pytest.mark.parametrize(
    ("function", "operation"),
    [("tracking", "reconcile"), ("resetting", "forecast_all"), ("resetting", "close_month")],
)
def test_a_job_for_many_asks_lambda_for_the_same_function_and_may(
    memory_cloud: MemoryCloud,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    operation: str,
) -> None:
    with at("2026-11-22T10:00:00Z"):
        for _ in range(3):
            Tenant(DirectDoor()).spend("1")
    asked = list[str]()
    original = vars(Endpoint)["_get_response"]

    def taken(self: Endpoint, request: Any, model: Any, context: Any) -> Any:
        if model.service_model.service_name != "lambda":
            return original(self, request, model, context)
        asked.append(request.url)
        response = AWSResponse(request.url, 202, HTTPHeaders(), None)
        return (response, {"ResponseMetadata": {"HTTPStatusCode": 202}}), None

    monkeypatch.setattr(Endpoint, "_get_response", taken)
    monkeypatch.setattr(tenant_jobs, "MIN_TENANTS", 1)
    monkeypatch.setattr(tenant_jobs, "MAX_PARALLEL", 3)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", f"stack-{function}")
    with at("2026-12-02T10:00:00Z" if operation == "close_month" else "2026-11-22T11:00:00Z"):
        handler_of(function)({"operation": operation}, Context())
    assert len(asked) == 2
    assert all(f"/stack-{function}/" in url for url in asked)
    assert (function, "lambda:InvokeFunction", "itself") in recorder.used


def test_missing_rights_are_reported_by_function_action_and_place() -> None:
    more = ("reporting", "dynamodb:PutItem", "LedgerTable")
    other = ("expiring", "dynamodb:Query", "LedgerTable/index/by_day")
    covered = ("reporting", "dynamodb:Query", "LedgerTable/index/by_day")
    assert not_granted([more, covered, other]) == [other, more]


def test_unused_rights_are_reported() -> None:
    used = set(granted()) - {("expiring", "dynamodb:PutItem", "AlertsTable")}
    assert not_used(used) == [("expiring", "dynamodb:PutItem", "AlertsTable")]
    assert not_used(granted()) == []


@pytest.mark.parametrize(
    ("whole", "status", "lacking", "problems"),
    [
        (True, 0, True, ["expiring: dynamodb:PutItem on AlertsTable is granted to no use"]),
        (False, 0, True, []),
        (True, 1, True, []),
        (True, 0, False, []),
    ],
)
def test_too_wide_rights_are_reported_after_a_whole_suite_that_passed(
    *, whole: bool, status: int, lacking: bool, problems: list[str]
) -> None:
    recorder, session = finished(whole=whole), SimpleNamespace(exitstatus=status)
    used = set(granted()) - (
        {("expiring", "dynamodb:PutItem", "AlertsTable")} if lacking else set()
    )
    workers = [sorted(used)[::2], sorted(used)[1::2]]
    for noted in workers:
        node = SimpleNamespace(workeroutput={"asked_of_aws": [list(one) for one in noted]})
        recorder.pytest_testnodedown(node)
    recorder.pytest_testnodedown(SimpleNamespace())
    recorder.pytest_sessionfinish(session, status)  # type: ignore[arg-type] # as much as it needs
    assert recorder.problems == problems
    assert session.exitstatus == (1 if problems else status)


def test_too_little_fails_every_run() -> None:
    recorder, session = finished(whole=False), SimpleNamespace(exitstatus=0)
    recorder.used.add(("reporting", "dynamodb:PutItem", "LedgerTable"))
    recorder.pytest_sessionfinish(session, 0)  # type: ignore[arg-type] # as much as it needs
    assert recorder.problems == ["reporting: dynamodb:PutItem on LedgerTable is not granted"]
    assert session.exitstatus == 1


def finished(*, whole: bool) -> Recorder:
    """A recorder without grants of its own."""
    recorder = Recorder.__new__(Recorder)
    recorder.used, recorder.problems = set(), []
    recorder._worker, recorder._whole = None, whole  # noqa: SLF001 - as a run would set them
    recorder._patch = pytest.MonkeyPatch()  # noqa: SLF001
    return recorder
