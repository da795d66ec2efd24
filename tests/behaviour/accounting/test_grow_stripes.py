"""A hot tenant's accounts open with more rows from their next period on, and nothing else differs.

1 row in November, 4 rows from December on: reports, reconcile, lists and erasing see one tenant.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from budget_monitor.adapters.dynamodb import conflicts, heat
from budget_monitor.adapters.dynamodb.policies import StoredPolicies
from budget_monitor.config import Config
from budget_monitor.domain.documents import growth_key
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.parts import parts_of
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud
from tests.support.reconcile.reconciling import reconcile
from tests.support.rules.governing import erase, set_budget
from tests.support.times import at, instant

NOVEMBER, DECEMBER = "2026-11-30T12:00:00Z", "2026-12-01T12:00:00Z"
RUN = {"workflow_execution_id": "flow", "agent_execution_id": "run", "agent": "writer"}


@pytest.fixture
def tenant(cloud: MemoryCloud) -> Tenant:
    return Tenant(DirectDoor(), "acme")


def heated(tenant_id: str, *minutes: int, stripes: int = 1) -> None:
    """Note hot minutes after noon of the last of November."""
    truth = parts_of(Config.from_environment()).truth
    for one in minutes:
        truth.on_heat(tenant_id, stripes, instant(f"2026-11-30T12:{one:02}:00Z"))


def rows(cloud: MemoryCloud, account: str) -> int:
    """Return the number of rows of an account."""
    found = cloud.rows()["AccountsTable"]
    return sum(row["pk"]["S"] in {account, *(f"{account}#{n}" for n in range(32))} for row in found)


def work(tenant: Tenant, pairs: int, **labels: Any) -> None:
    for number in range(pairs):
        held = tenant.hold("1", **RUN, **labels, include_gates=False)
        tenant.settle(held, f"0.{number + 1:02}", include_gates=False)


def grown_tenant(cloud: MemoryCloud, tenant: Tenant) -> Decimal:
    """Let the tenant spend in November and, grown, in December; return December's spend."""
    with at(NOVEMBER):
        work(tenant, 6)
        heated("acme", 0, 1, 2, 3, 4)
        work(tenant, 2)
    cloud.start_another_process()
    with at(DECEMBER):
        work(tenant, 20)
    return sum((Decimal(n) / 100 for n in range(1, 21)), Decimal())


def grown(cloud: MemoryCloud) -> list[str]:
    """Return whose growth has an alert."""
    alerts = [row for row in cloud.rows()["AlertsTable"] if "stripes_grown" in str(row)]
    return sorted(row["pk"]["S"].partition("#")[0] for row in alerts)


def test_5_hot_minutes_make_4_rows_of_the_next_day_and_month_and_one_alert(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    grown_tenant(cloud, tenant)

    assert rows(cloud, "acme#tenant#acme#2026-11") == 1
    assert rows(cloud, "acme#tenant#acme#2026-11-30") == 1
    assert rows(cloud, "acme#tenant#acme#2026-12") == 4
    assert rows(cloud, "acme#tenant#acme#2026-12-01") == 4
    assert tenant.call("get_tenant").body["stripes"] == 4
    (alert,) = tenant.call("alerts", month="2026-11").body["items"]
    assert alert["kind"] == "stripes_grown"
    assert (alert["stripes_before"], alert["stripes"]) == (1, 4)
    assert (alert["from_day"], alert["from_month"]) == ("2026-12-01", "2026-12")


def test_4_hot_minutes_or_5_in_two_hours_change_nothing(cloud: MemoryCloud, tenant: Tenant) -> None:
    with at(NOVEMBER):
        heated("acme", 0, 1, 2, 2, 3)
        parts_of(Config.from_environment()).truth.on_heat(
            "acme", 1, instant("2026-11-30T13:02:30Z")
        )
    assert tenant.call("alerts", month="2026-11").body["items"] == []


def test_reports_of_a_grown_month_equal_its_entries_and_reconcile_finds_nothing(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    spent = grown_tenant(cloud, tenant)
    for process in range(2):
        with at(DECEMBER):
            assert Decimal(tenant.usage()["spent_usd"]) == spent
            for name in ("agent_costs", "model_costs", "daily_costs", "provider_costs"):
                assert Decimal(tenant.call(name).body["total_usd"]) == spent
            (listed,) = tenant.door.call("system_usage").body["tenants"]
            assert Decimal(listed["spent_usd"]) == spent
            for month in ("2026-11", "2026-12"):
                report = reconcile(tenant_id="acme", month=month)
                assert report["differences"] == []
        if not process:
            cloud.start_another_process()


def test_tenants_are_in_the_order_of_spend_although_one_has_4_rows(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    """Its row 0 has less than the other tenant spent, all of its rows have more."""
    grown_tenant(cloud, tenant)
    with at(DECEMBER):
        Tenant(tenant.door, "other").spend("1.50", **RUN)
        row = f"{Decimal(rows_spent(cloud)):f}"
        cloud.start_another_process()
        first = tenant.door.call("system_usage", limit=1).body["tenants"]
    assert Decimal(row) < Decimal("1.50") < Decimal("2.1")
    assert [one["tenant_id"] for one in first] == ["acme"]


def rows_spent(cloud: MemoryCloud) -> str:
    (found,) = [
        row["spent"]["N"]
        for row in cloud.rows()["AccountsTable"]
        if row["pk"]["S"] == "acme#tenant#acme#2026-12"
    ]
    return str(found)


def test_a_process_that_has_not_learnt_of_it_opens_a_month_with_1_row_and_it_stays(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    with at(DECEMBER):
        work(tenant, 1)  # this process has read the rules, and its month is open
        heated("acme", 0, 1, 2, 3, 4)
        work(tenant, 8)
        assert rows(cloud, "acme#tenant#acme#2026-12") == 1
        assert Decimal(tenant.usage()["spent_usd"]) == Decimal("0.37")
        assert reconcile(tenant_id="acme", month="2026-12")["differences"] == []


def test_racers_of_a_grown_tenant_are_granted_exactly_its_limit(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    grown_tenant(cloud, tenant)
    cloud.set_limits(tenant="5")  # 2.1 are spent
    with at(DECEMBER):

        def ask(number: int) -> bool:
            labels = {"agent_execution_id": f"run-{number}"}
            answer = tenant.reserve("0.07", **labels, include_gates=False)
            return bool(answer.body["allowed"])

        with ThreadPoolExecutor(16) as racers:
            granted = sum(racers.map(ask, range(60)))
        assert granted == 41  # 41 x 0.07 is 2.87; one more would make 5.04
        assert tenant.usage()["held_usd"] == "2.87"


@pytest.mark.parametrize("first_knows", [True, False])
def test_processes_that_know_of_it_and_others_that_do_not_agree_on_a_new_month(
    cloud: MemoryCloud, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, *, first_knows: bool
) -> None:
    with at(NOVEMBER):
        heated("acme", 0, 1, 2, 3, 4)
    cloud.set_limits(tenant="3")
    granted = 0
    with at(DECEMBER):
        for number in range(16):
            cloud.start_another_process()
            with monkeypatch.context() as patch:
                if (number % 2 == 0) is not first_knows:
                    patch.setattr(StoredPolicies, "_learn", lambda *_: None)
                labels = {"agent_execution_id": f"run-{number}"}
                granted += tenant.reserve("0.25", **labels).body["allowed"]
                tenant.spend("0.01", **labels)
        assert granted == 11  # 11 x 0.25 and 11 x 0.01 are 2.86; one more would make 3.11
        assert tenant.usage()["spent_usd"] == "0.16"
        assert tenant.usage()["held_usd"] == "2.75"
        assert reconcile(tenant_id="acme", month="2026-12")["differences"] == []
    opened = rows(cloud, "acme#tenant#acme#2026-12")
    assert opened > 1 if first_knows else opened == 1


def test_a_request_that_learns_of_the_growth_asks_no_more_of_the_database(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    grown_tenant(cloud, tenant)
    cloud.start_another_process()
    with at(DECEMBER), recorded_calls() as calls:
        tenant.check("1", **RUN)
    assert calls.operations == ["BatchGetItem", "BatchGetItem"]


def test_the_system_grows_too_from_16_rows_to_32(cloud: MemoryCloud, tenant: Tenant) -> None:
    with at(NOVEMBER):
        work(tenant, 1)
        heated("*", 0, 1, 2, 3, 4, stripes=16)
    cloud.start_another_process()
    with at(DECEMBER):
        for number in range(40):
            tenant.spend("0.1", agent_execution_id=f"run-{number}", include_gates=False)
        assert rows(cloud, "*#system#system#2026-12") > 16
        assert tenant.door.call("system_usage").body["spent_usd"] == tenant.usage()["spent_usd"]


def test_conflicts_of_5_minutes_are_noted_once_a_minute_and_do_not_fail_a_request(
    cloud: MemoryCloud, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat, "HOT_CONFLICTS", 1)
    monkeypatch.setattr(conflicts, "LONGEST_WAIT", 0)
    monkeypatch.setattr(conflicts, "SHORTEST_WAIT", 0)
    noted = Counter[int]()
    for minute in range(5):
        with at(f"2026-11-30T12:0{minute}:00Z"):
            for _ in range(2):
                met = iter(["TransactionConflict"] * 12)
                cloud.database.conflicts = partial(next, met, None)
                work(tenant, 1)
            cloud.database.conflicts = lambda: None
            found = parts_of(Config.from_environment()).store.documents([growth_key("acme")])
            noted[minute] = found[growth_key("acme")].version
    assert [*noted.values()] == [1, 2, 3, 4, 5]
    assert grown(cloud) == ["*", "acme"]


def test_a_note_that_fails_is_counted_and_logged_and_the_cost_is_recorded(
    cloud: MemoryCloud,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = parts_of(Config.from_environment())

    def down(*_: object) -> None:
        raise UnavailableError("the database did not serve the request; try again")

    with monkeypatch.context() as patch:
        patch.setattr(parts.truth, "documents", down)
        heated("acme", 0)
    assert "a hot minute of acme could not be noted" in caplog.text
    assert "GrowthFailures" in capsys.readouterr().out


def test_erasing_a_grown_tenant_leaves_no_row_of_its_people(
    cloud: MemoryCloud, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ExportsInMemory().install(monkeypatch)
    grown_tenant(cloud, tenant)
    with at(DECEMBER):
        set_budget(tenant, "marias", "50", scope="user", scope_id="maria", period="day")
        for number in range(12):
            tenant.spend("0.01", agent_execution_id=f"run-{number}", user="maria")
        people = [one for one in cloud.rows()["AccountsTable"] if "maria" in one["pk"]["S"]]
        assert len(people) > 2  # the user's month, and several rows of the budget's account
        assert erase(tenant).body["state"] == "erased"
    assert "maria" not in str(cloud.rows()["AccountsTable"])
