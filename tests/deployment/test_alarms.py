"""Every alarm has a cause that a test makes, and says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from budget_monitor.usecases.holds import expire as expiry
from functions.expiring import app as expiring
from functions.resetting import app as resetting
from functions.tracking import app as tracking
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor
from tests.support.exports.bucket import ExportsInMemory
from tests.support.log_lines import metrics
from tests.support.memory import behind
from tests.support.memory.errors import DynamoError
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.paths import ROOT
from tests.support.reconcile.reconciling import drift, month_key
from tests.support.template import translation
from tests.support.template.physical_names import metrics_of
from tests.support.template.translation import of_type
from tests.support.times import at

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

ALARMS: dict[str, dict[str, Any]] = of_type(translation.source(), "AWS::CloudWatch::Alarm")
OWN = {
    one["MetricName"]: name
    for name, one in ALARMS.items()
    if one.get("Namespace") == "BudgetMonitor"
}
IMPERATIVES = {"Read", "Invoke", "Look", "Reconcile", "Update", "Open", "Spread"}
NOVEMBER, DECEMBER = "2026-11-22T10:00:00Z", "2026-12-02T10:00:00Z"


def rings(metric: str, value: float) -> bool:
    """Whether the metric's alarm goes off at this value."""
    alarm = ALARMS[OWN[metric]]
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return value > float(alarm["Threshold"])


@pytest.fixture
def down(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Requests to DynamoDB whose text matches the pattern fail from now on."""
    execute = memory_cloud.database.execute

    def fail(pattern: str) -> None:
        def failing(operation: str, request: Mapping[str, Any]) -> Any:
            if fnmatchcase(f"{operation} {json.dumps(request)}", pattern):
                raise DynamoError("AccessDeniedException", "not this one")
            return execute(operation, dict(request))

        monkeypatch.setattr(memory_cloud.database, "execute", failing)

    return fail


@pytest.fixture
def tenant(memory_cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]) -> Tenant:
    made = Tenant(DirectDoor())
    with at(NOVEMBER):
        made.spend("1")
    capsys.readouterr()
    return made


def test_every_alarm_begins_with_what_to_do_and_has_a_runbook() -> None:
    text = (ROOT / "docs" / "operate" / "alarms.md").read_text()
    for name, alarm in ALARMS.items():
        assert alarm["AlarmDescription"].split()[0] in IMPERATIVES, name
        assert alarm["AlarmActions"] == [{"Ref": "OperatorTopic"}], name
        assert f"`{name}`" in text, name


def test_every_metric_that_the_code_emits_has_an_alarm_or_a_reason_for_none() -> None:
    code = (ROOT / "layers" / "core" / "budget_monitor" / "entrypoints").rglob("*.py")
    emitted = set(re.findall(r'metrics\.\w+\(\s*"(\w+)"', "".join(one.read_text() for one in code)))
    # A skipped account is compared the next day; ReconcileAge tells of one that never is.
    assert emitted - OWN.keys() == {"ReconcileSkipped"}
    assert OWN.keys() - emitted == set()


def test_each_function_has_an_alarm_of_its_errors_throttles_and_duration() -> None:
    found = translation.translated()
    for name, function in of_type(found, "AWS::Lambda::Function").items():
        alarm = ALARMS[name.replace("Function", "Alarm")]
        looked = {one["MetricName"]: one["Dimensions"] for one in metrics_of(alarm)}
        assert looked.keys() == {"Errors", "Throttles", "Duration"}
        assert all(
            one == [{"Name": "FunctionName", "Value": {"Ref": name}}] for one in looked.values()
        )
        milliseconds = function["Timeout"] * 800
        assert f"FILL(duration, 0) > {milliseconds}" in alarm["Metrics"][0]["Expression"]


def test_no_metric_without_data_silences_an_expression() -> None:
    # A throttled function has no duration: without FILL the expression has no value at all.
    for name, alarm in ALARMS.items():
        if "Metrics" in alarm:
            (formula,) = [one["Expression"] for one in alarm["Metrics"] if "Expression" in one]
            measured = {one["Id"] for one in alarm["Metrics"] if "MetricStat" in one}
            assert set(re.findall(r"FILL\((\w+), 0\)", formula)) == measured, name
            assert not measured & set(re.findall(r"\w+", re.sub(r"FILL\(\w+, 0\)", "", formula)))


def test_each_table_has_an_alarm_of_throttles_and_conflicts() -> None:
    for name in of_type(translation.translated(), "AWS::DynamoDB::Table"):
        looked = {one["MetricName"] for one in metrics_of(ALARMS[f"{name}Alarm"])}
        assert looked == {"ReadThrottleEvents", "WriteThrottleEvents", "TransactionConflict"}


def test_jobs_that_stop_running_ring_because_their_metric_is_missing() -> None:
    missing = {n for n, one in ALARMS.items() if one["TreatMissingData"] == "breaching"}
    assert missing == {"UnsentAlertsAlarm", "OverdueHoldsAlarm", "ReconcileAgeAlarm"}


def test_dynamodb_out_of_reach_counts_each_503(
    tenant: Tenant, down: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    down("*")
    with at(NOVEMBER):
        assert tenant.call("tenant_usage").error == "UNAVAILABLE"
    assert metrics(capsys) == {"Unavailable": 1}
    assert rings("Unavailable", 21)
    assert not rings("Unavailable", 20)


def test_a_hold_that_cannot_be_ended_is_overdue_until_it_is(
    tenant: Tenant, down: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with at(NOVEMBER, tick=False):
        tenant.hold("1", agent_execution_id="stuck", expires_in_seconds=60)
        expiring.lambda_handler({"operation": "expire"}, None)
        assert metrics(capsys) == {"OverdueHoldAge": 0}
    down("TransactWriteItems *#execution#stuck#*")
    with at("2026-11-22T10:12:00Z", tick=False), pytest.raises(Exception, match="did not serve"):
        expiring.lambda_handler({"operation": "expire"}, None)
    age = metrics(capsys)["OverdueHoldAge"]
    assert age == 11 * 60
    assert rings("OverdueHoldAge", age)
    assert expiry.AT_ONCE >= 100


def test_an_account_that_differs_from_its_ledger_rings(
    tenant: Tenant, memory_cloud: MemoryCloud, waits: object, capsys: pytest.CaptureFixture[str]
) -> None:
    with at("2026-11-22T10:05:00Z"):
        drift(memory_cloud, month_key(tenant), spent="0.5")
        tracking.lambda_handler({"operation": "reconcile"}, Context())
    found = metrics(capsys)
    assert rings("ReconcileDifferences", found["ReconcileDifferences"])


@pytest.mark.parametrize(
    ("handler", "operation", "metric", "when", "pattern"),
    [
        (tracking, "reconcile", "ReconcileFailures", NOVEMBER, "Query *by_day*{tenant}*"),
        (resetting, "close_month", "CloseFailures", DECEMBER, "TransactWriteItems *{tenant}*"),
        (resetting, "forecast_all", "ForecastFailures", NOVEMBER, "BatchGetItem *{tenant}*"),
    ],
)
def test_a_tenant_at_which_a_job_fails_rings(
    tenant: Tenant,
    down: Callable[[str], None],
    waits: object,
    capsys: pytest.CaptureFixture[str],
    handler: Any,
    operation: str,
    metric: str,
    when: str,
    pattern: str,
) -> None:
    down(pattern.format(tenant=tenant.id))
    with at(when):
        answer = handler.lambda_handler({"operation": operation}, Context())
    assert tenant.id in answer["failed"]
    assert rings(metric, metrics(capsys)[metric])


def test_a_month_that_cannot_be_exported_rings(
    tenant: Tenant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = ExportsInMemory().install(monkeypatch)
    bucket.down = True
    with at(DECEMBER):
        assert tenant.id in resetting.lambda_handler({"operation": "export_month"}, None)["failed"]
    found = metrics(capsys)["ExportFailures"]
    assert rings("ExportFailures", found)


def test_an_alert_that_sns_refuses_rings_after_10_minutes(
    watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.post.down = {"sns"}
    with at(NOVEMBER, tick=False):
        Tenant(DirectDoor()).spend("600")
        watch.look()
    for when, ringing in (("2026-11-22T10:09:00Z", False), ("2026-11-22T10:11:00Z", True)):
        with at(when, tick=False):
            watch.call("send_due")
        assert rings("UnsentAlertAge", metrics(capsys)["UnsentAlertAge"]) is ringing


def test_an_account_that_is_not_compared_rings_after_3_days(
    memory_cloud: MemoryCloud, waits: object, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant, event = Tenant(DirectDoor()), {"operation": "reconcile"}
    with at(NOVEMBER, tick=False):
        tenant.spend("1", agent_execution_id="run")
        tracking.lambda_handler(event, Context())
    for day, ringing in ((24, False), (26, True)):
        with at(f"2026-11-{day}T10:00:00Z", tick=False):
            tenant.spend("1", agent_execution_id="run")
            memory_cloud.database.stale_indexes = behind(1)
            tracking.lambda_handler(event, Context())
        assert rings("ReconcileAge", metrics(capsys)["ReconcileAge"]) is ringing


def test_each_metric_of_ours_is_made_to_ring_here() -> None:
    named = set(re.findall(r'"(\w+)"', Path(__file__).read_text()))
    assert OWN.keys() - named == set()


def test_the_price_list_rings_when_it_is_over_30_days_old(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    for when, ringing in (("2026-12-09T05:30:00Z", False), ("2026-12-10T05:30:00Z", True)):
        with at(when):
            resetting.lambda_handler({"operation": "watch_prices"}, Context())
        assert rings("PriceListAgeDays", metrics(capsys)["PriceListAgeDays"]) is ringing


def test_a_run_whose_cost_was_not_recorded_matches_the_rule_that_tells_operators() -> None:
    rules = of_type(translation.translated(), "AWS::Events::Rule")
    detail = rules["CostNotRecorded"]["EventPattern"]["detail"]
    definition = (ROOT / "statemachines" / "guarded_run.asl.json").read_text()
    assert f'"Error": "{detail["error"][0]}"' in definition
    assert detail["status"] == ["FAILED"]
    (target,) = rules["CostNotRecorded"]["Targets"]
    assert target["Arn"] == {"Ref": "OperatorTopic"}
