"""Erasing a tenant: what names people goes, the sums stay, and who erased it and why stays too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.usecases.costs import erase_tenant
from functions.resetting import app as resetting
from tests.support.builders import Tenant, by_name
from tests.support.doors.doors import Door
from tests.support.exports.bucket import ExportsInMemory
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, erase, lift, set_budget
from tests.support.times import at

NOW = "2026-11-22T10:05:00Z"

ANN, TAG, WHY = "ann.smith@example.com", "patient-4711", "Ann Smith asked for it"

RUN: dict[str, Any] = {
    "agent_execution_id": "run",
    "workflow_execution_id": "flow",
    "agent": "planner",
    "model": "gpt-4o",
    "user": ANN,
    "tags": [TAG],
}


@pytest.fixture(autouse=True)
def bucket(cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> ExportsInMemory:
    """The stack's bucket of exports, empty."""
    return ExportsInMemory().install(monkeypatch)


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The default gates, and a clock that stands still."""
    with at(NOW, tick=False):
        yield memory_cloud


def names_in(cloud: MemoryCloud, *, but: tuple[str, ...] = ()) -> list[str]:
    """The keys of rows that name people, in any table."""
    rows = [row for table in cloud.rows().values() for row in table]
    texts = {row["pk"]["S"]: json.dumps(row) for row in rows}
    return [
        key
        for key, text in texts.items()
        if any(name in text for name in (ANN, TAG, "Ann Smith")) and not key.endswith(but)
    ]


def lived(tenant: Tenant) -> None:
    """A tenant with names everywhere: budgets, raises, holds, costs, a pause, alerts."""
    tenant.call("set_tenant", owner=ANN, by="maria", reason=WHY).body  # noqa: B018
    named = {"scope": "user", "scope_id": ANN, "period": "month"}
    set_budget(tenant, "anns", "5", **named | {"reason": WHY})
    set_budget(tenant, "tags", "5", scope="tag", scope_id=TAG, period="day")
    for _ in range(3):
        assert lift(tenant, "anns", "1", by="maria", reason=WHY).error is None
    set_budget(tenant, "prepaid", "0", scope="tenant", period="total", enforcement="shadow")
    granting = {"budget_id": "prepaid", "amount_usd": "9", "by": "maria", "reason": WHY}
    assert tenant.call("add_grant", **granting).error is None
    tenant.settle(tenant.hold("2", **RUN), "1.5")
    cost = tenant.spend("2", **RUN)
    tenant.adjust(cost, "-0.5", by="Ann Smith", reason=WHY).body  # noqa: B018
    pausing = {"workflow_execution_id": "flow", "by": ANN, "reason": WHY}
    tenant.call("pause", **pausing).body  # noqa: B018
    tenant.call("resume", **pausing).body  # noqa: B018
    for budget_id in ("anns", "execution"):
        asking = {"budget_id": budget_id, "amount_usd": "1", "by": ANN, "reason": WHY}
        asked = tenant.call("request_raise", request_id=budget_id, **asking, **RUN)
        assert asked.error is None
    tenant.call("approve", request_id="execution", by="Ann Smith", reason=WHY).body  # noqa: B018


def test_users_tags_reasons_and_owners_are_gone_and_3_usd_stay(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    lived(tenant)
    assert names_in(cloud)
    assert erase(tenant).body["state"] == "erased"

    assert names_in(cloud) == []
    assert tenant.usage()["spent_usd"] == "3"
    assert by_name(tenant.call("agent_costs").body) == {"planner": "3"}
    entries = tenant.entries()
    assert {(one["user"], tuple(one["tags"])) for one in entries} == {(None, ())}
    assert {one["reason"] for one in entries} == {None, "erased"}
    assert sum(float(one["cost_usd"]) for one in entries) == 3
    assert not differences(cloud.rows())


def test_the_history_says_who_erased_it_and_why(tenant: Tenant) -> None:
    lived(tenant)
    erase(tenant)
    items = tenant.call("tenant_history").body["items"]
    latest = items[0]
    facts = [latest[name] for name in ("operation", "by", "reason", "at")]
    assert facts == ["delete_tenant", "olga", "contract ended", NOW]
    assert latest["after"] == {"state": "erased"}
    assert {one["by"] for one in items[1:]} == {"erased"}


def test_an_erased_tenant_spends_nothing_more_and_its_costs_are_still_recorded(
    tenant: Tenant,
) -> None:
    lived(tenant)
    erase(tenant)
    assert tenant.reserve("1").body["reason_code"] == "TENANT_SUSPENDED"
    tenant.spend("1", agent_execution_id="straggler")
    assert tenant.usage()["spent_usd"] == "4"
    assert tenant.call("get_tenant").body["state"] == "erased"


def test_open_reservations_are_to_be_ended_first(tenant: Tenant, cloud: MemoryCloud) -> None:
    hold = tenant.hold("1", **RUN)
    before = cloud.rows()
    assert erase(tenant).error == "CONFLICT"
    assert cloud.rows() == before
    tenant.settle(hold, "1")
    assert erase(tenant).body["state"] == "erased"
    assert names_in(cloud) == []


def test_it_goes_on_where_the_time_ran_out(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase_tenant, "_ENTRIES", 2)
    for _ in range(7):
        tenant.spend("0.5", **RUN)
    with monkeypatch.context() as patch:
        patch.setattr(deadline, "remaining", lambda: 1.0)
        states = [erase(tenant).body["state"] for _ in range(4)]
    assert states == ["erasing"] * 4
    assert names_in(cloud)
    assert erase(tenant).body["state"] == "erased"
    assert names_in(cloud) == []
    again = {k: v for k, v in erase(tenant).body.items() if k != "principal"}
    assert again == {"tenant_id": tenant.id, "state": "erased", "steps": 0}
    assert tenant.usage()["spent_usd"] == "3.5"
    assert not differences(cloud.rows())


def test_a_statement_keeps_its_sums(tenant: Tenant, cloud: MemoryCloud) -> None:
    lived(tenant)
    with at("2026-12-05T10:00:00Z", tick=False):
        resetting.lambda_handler({"operation": "close_month", "month": "2026-11"}, None)
        erase(tenant)
        (told,) = tenant.call("statements").body["items"]
        assert (told["spent_usd"], told["by_agent"][0]["name"]) == ("3", "planner")
        assert names_in(cloud) == []


def test_another_tenant_keeps_its_names(tenant: Tenant, door: Door, cloud: MemoryCloud) -> None:
    other = Tenant(door)
    lived(tenant)
    lived(other)
    erase(tenant)
    assert names_in(cloud)
    assert {one["user"] for one in other.entries()} == {ANN}
    assert other.call("alerts").body["items"]


def test_a_tenant_never_seen_is_erased_at_once(tenant: Tenant) -> None:
    assert erase(tenant).body["state"] == "erased"


@pytest.mark.parametrize("field", ["by", "reason"])
def test_who_and_why_must_be_said(tenant: Tenant, cloud: MemoryCloud, field: str) -> None:
    before = cloud.rows()
    said = {name: value for name, value in WHO.items() if name != field}
    assert tenant.call("delete_tenant", **said).refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


def test_breakdowns_by_user_and_tag_are_one_line_without_a_name_once_erased(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("3", provider="openai", **RUN)
    assert by_name(tenant.call("user_costs").body) == {ANN: "3"}
    erase(tenant)

    found = {one: tenant.call(one).body for one in ("user_costs", "tag_costs", "provider_costs")}

    assert by_name(found["user_costs"]) == by_name(found["tag_costs"]) == {None: "3"}
    assert by_name(found["provider_costs"]) == {"openai": "3"}
    assert {one["total_usd"] for one in found.values()} == {"3"}
    assert differences(cloud.rows()) == []


def exported(tenant: Tenant) -> None:
    """Two versions of each file of the tenant's November."""
    with at("2026-11-22T12:00:00Z"):
        for _ in range(2):
            asked = {"operation": "export_month", "tenant_id": tenant.id, "month": "2026-11"}
            resetting.lambda_handler(asked, None)


def test_all_versions_of_all_exported_files_are_deleted_and_those_of_others_stay(
    tenant: Tenant, door: Door, bucket: ExportsInMemory
) -> None:
    other = Tenant(door, f"{tenant.id}-2")
    for one in (tenant, other):
        one.spend("1", **RUN)
        exported(one)
    assert len(bucket.stored) == 2 * 2 * 4

    assert erase(tenant).body["state"] == "erased"

    assert {key.split("/")[1] for key, _ in bucket.stored} == {f"tenant={other.id}"}
    assert len(bucket.stored) == 2 * 4


def test_files_are_erased_over_several_calls_if_the_time_runs_out(
    tenant: Tenant, bucket: ExportsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.spend("1", **RUN)
    exported(tenant)
    assert erase_while(tenant, monkeypatch, seconds=60.0) == "erased"
    exported(tenant)
    bucket.page_size = 1

    states = [erase_while(tenant, monkeypatch, seconds=1.0) for _ in range(8)]

    assert states == ["erasing"] * 7 + ["erased"]
    assert bucket.stored == []


def erase_while(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> str:
    """Erase with so much time left. Return the state."""
    with monkeypatch.context() as patch:
        patch.setattr(deadline, "remaining", lambda: seconds)
        return str(erase(tenant).body["state"])


def test_without_the_bucket_the_rows_are_erased_and_the_call_is_repeated_for_the_files(
    tenant: Tenant, cloud: MemoryCloud, bucket: ExportsInMemory
) -> None:
    tenant.spend("1", **RUN)
    exported(tenant)
    bucket.down = True
    assert erase(tenant).error == "UNAVAILABLE"
    assert names_in(cloud) == []
    bucket.down = False
    assert erase(tenant).body["state"] == "erased"
    assert bucket.stored == []
