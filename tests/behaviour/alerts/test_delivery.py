"""Stored before sent, marked after it was taken, tried until then: no alert is lost on its way."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.alerts.tenants import listed
from tests.support.builders import Tenant
from tests.support.doors.doors import Context
from tests.support.dynamodb.faults import KilledError
from tests.support.memory.watch import Watch
from tests.support.template.template import resources
from tests.support.times import at, later


@pytest.fixture
def tenant(direct_tenant: Tenant) -> Tenant:
    return direct_tenant


def states(tenant: Tenant) -> set[str]:
    return {one["state"] for one in listed(tenant)}


def due(watch: Watch, **delta: float) -> tuple[int, int]:
    """How many the schedule sent, and how many failed, that long from now."""
    with later(**delta or {"seconds": 31}):
        answer = watch.call("send_due")
    return answer["sent"], answer["failed"]


def damage(watch: Watch, row: dict[str, Any], **values: str) -> None:
    table = watch.cloud.database._tables[watch.cloud.tables["AlertsTable"]]  # noqa: SLF001
    key = (row["pk"]["S"],)
    table.put(key, {**table.rows[key], **{n: {"S": v} for n, v in values.items()}}, 10**6)


def rows(watch: Watch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = watch.cloud.rows()["AlertsTable"]
    return found


def test_it_is_stored_before_it_is_sent_and_marked_after_it_was_taken(
    tenant: Tenant, watch: Watch
) -> None:
    seen: list[set[str]] = []
    watch.post.before = lambda _: seen.append(states(tenant))
    tenant.spend("51")
    watch.look()
    assert seen == [{"pending"}, {"pending"}]
    assert states(tenant) == {"sent"}
    assert "unsent_list" not in rows(watch)[0]


def test_recording_never_waits_for_sns(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("500")
    tenant.reserve("1")
    assert watch.post.asked == []


def test_while_sns_is_down_no_record_fails_and_none_is_lost(tenant: Tenant, watch: Watch) -> None:
    watch.post.down = {"sns", "events"}
    tenant.spend("120")
    assert watch.look() == []  # and no record is named as failed
    assert due(watch) == (0, 3)
    assert states(tenant) == {"pending"}
    watch.post.down = set()
    assert due(watch) == (3, 0)
    assert {one["threshold_percent"] for one in watch.post.alerts} == {50, 80, 100}
    assert len(watch.post.alerts) == 3
    assert states(tenant) == {"sent"}
    assert due(watch) == (0, 0)
    assert [one["attempts"] for one in listed(tenant)] == [3, 3, 3]


def test_a_fresh_alert_is_left_to_the_one_who_stored_it(tenant: Tenant, watch: Watch) -> None:
    watch.post.down = {"sns"}
    tenant.spend("51")
    watch.look()
    watch.post.down = set()
    assert watch.call("send_due") == {"sent": 0, "failed": 0, "oldest_seconds": 0}
    assert due(watch, seconds=31) == (1, 0)


def test_the_oldest_is_sent_first_and_the_age_of_the_oldest_waiting_one_is_a_metric(
    tenant: Tenant, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.post.down = {"sns"}
    for minute, cost in (("00", "51"), ("05", "30"), ("10", "20")):
        with at(f"2026-11-22T10:{minute}:00Z", tick=False):
            tenant.spend(cost)
            watch.look()
    with at("2026-11-22T10:15:00Z", tick=False):
        assert watch.call("send_due")["oldest_seconds"] == 900
    lines = capsys.readouterr().out.splitlines()
    metric = json.loads([one for one in lines if "UnsentAlertAge" in one][-1])
    watch.post.down = set()
    with at("2026-11-22T10:16:00Z"):
        watch.call("send_due")
    assert [one["threshold_percent"] for one in watch.post.alerts] == [50, 80, 100]

    (told,) = metric["_aws"]["CloudWatchMetrics"]
    alarm = resources("AWS::CloudWatch::Alarm")["UnsentAlertsAlarm"]
    assert told["Namespace"] == alarm["Namespace"]
    assert told["Metrics"] == [{"Name": alarm["MetricName"], "Unit": "Seconds"}]
    assert [set(one) for one in told["Dimensions"]] == [
        {one["Name"] for one in alarm["Dimensions"]}
    ]
    assert metric["UnsentAlertAge"] == [900]


def test_with_only_the_bus_down_people_get_it_once_and_machines_later(
    tenant: Tenant, watch: Watch
) -> None:
    watch.post.down = {"events"}
    tenant.spend("51")
    assert len(watch.look()) == 1
    assert due(watch) == (0, 1)
    watch.post.down = set()
    assert due(watch) == (1, 0)
    assert len(watch.post.letters) == len(watch.post.events) == 1
    assert due(watch) == (0, 0)


def test_with_only_sns_down_machines_get_it_once_and_people_later(
    tenant: Tenant, watch: Watch
) -> None:
    watch.post.down = {"sns"}
    tenant.spend("51")
    watch.look()
    assert due(watch) == (0, 1)
    watch.post.down = set()
    assert due(watch) == (1, 0)
    assert len(watch.post.letters) == len(watch.post.events) == 1


def test_people_never_wait_behind_what_only_machines_wait_for(
    tenant: Tenant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget_monitor.usecases.alerts.delivery.AT_ONCE", 2)
    watch.post.down = {"events"}
    for number in range(5):
        watch.call("send_alert", tenant_id=tenant.id, message=f"news {number}")
    watch.post.down = {"sns", "events"}
    watch.call("send_alert", tenant_id=tenant.id, message="the latest")
    watch.post.down = {"events"}
    due(watch)
    assert [one["message"] for one in watch.post.alerts][-1] == "the latest"


@pytest.mark.parametrize("service", ["sns", "events"])
def test_a_repeat_after_a_kill_between_publishing_and_marking_has_the_same_id(
    tenant: Tenant, watch: Watch, service: str
) -> None:
    def kill(asked: str) -> None:
        if asked == service:
            watch.post.after = lambda _: None
            raise KilledError

    watch.post.after = kill
    tenant.spend("51")
    records = watch.stream.taken()
    with pytest.raises(KilledError):
        watch.deliver(records)
    assert watch.deliver(records) == []
    assert due(watch) == (1, 0)
    assert len(watch.post.letters) == 2
    assert len({one["alert_id"] for one in watch.post.alerts}) == 1
    assert states(tenant) == {"sent"}


def test_schedules_that_run_at_once_send_all_and_leave_nothing_behind(
    tenant: Tenant, watch: Watch
) -> None:
    watch.post.down = {"sns", "events"}
    for number in range(10):
        watch.call("send_alert", tenant_id=tenant.id, message=f"news {number}")
    watch.post.down = set()
    with later(seconds=60), ThreadPoolExecutor(4) as runs:
        list(runs.map(lambda _: watch.call("send_due"), range(4)))
        watch.call("send_due")
        assert watch.call("send_due")["sent"] == 0
    assert len({one["alert_id"] for one in watch.post.alerts}) == 10
    assert not any("unsent_list" in one for one in rows(watch))


@pytest.mark.parametrize("broken", [{"facts": "{"}, {"facts": "{}"}, {"at": "yesterday"}])
def test_an_alert_that_cannot_be_read_or_said_stops_no_other(
    tenant: Tenant, watch: Watch, broken: dict[str, str]
) -> None:
    watch.post.down = {"sns"}
    tenant.spend("85")
    watch.look()
    first = min(rows(watch), key=lambda one: str(one["position"]))
    damage(watch, first, **broken)
    watch.post.down = set()
    assert due(watch) == (1, 1)


def test_an_invocation_that_is_about_to_end_sends_nothing_more(
    tenant: Tenant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 20_000)
    tenant.spend("85")
    assert watch.look() == []
    assert due(watch) == (0, 2)
    assert states(tenant) == {"pending"}
