"""Reading a tenant's ledger by day: the month's own days first, and every entry once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.adapters.system import SystemClock
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import execution_key, system_key, tenant_key
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.usecases.reconcile import reads
from budget_monitor.usecases.reconcile.reads import Books, Days, before, following
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at


@pytest.fixture
def tenant(memory_cloud: MemoryCloud) -> Iterator[Tenant]:
    with at("2026-11-22T10:00:00Z"):
        yield Tenant(DirectDoor())


def books_of(tenant: Tenant) -> Books:
    return Books(DynamoStore(Config.from_environment()), SystemClock(), tenant.id)


def spend(tenant: Tenant, day: str, **fields: Any) -> str:
    with at(f"{day}T10:00:00Z"):
        return tenant.spend("1", agent_execution_id="run", **fields)


@pytest.mark.parametrize(
    ("month", "next_one"), [("2026-11", "2026-12"), ("2026-12", "2027-01"), ("2028-01", "2028-02")]
)
def test_months_follow_each_other(month: str, next_one: str) -> None:
    assert (following(month), before(next_one)) == (next_one, month)


def test_a_ledger_covers_every_month_from_its_first_booking_to_its_last() -> None:
    days = Days((), (), frozenset({"2026-09", "2026-12"}))
    assert days.months(["2026-11"]) == {"2026-09", "2026-10", "2026-11", "2026-12"}


def test_days_of_the_month_come_first_and_days_31_days_away_are_far(tenant: Tenant) -> None:
    for day in ("2026-08-01", "2026-10-20", "2026-11-02", "2026-11-01"):
        spend(tenant, day)
    days = books_of(tenant).days("2026-11")
    assert days.near == ("2026-11-01", "2026-11-02", "2026-10-20")
    assert days.far == ("2026-08-01",)
    assert days.booked_months == {"2026-08", "2026-10", "2026-11"}


def test_five_entries_of_a_day_are_read_once_in_pages_of_two(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    ids = [spend(tenant, "2026-11-22") for _ in range(5)]
    found = [one.entry_id for one in books_of(tenant).entries(["2026-11-22", "2026-11-23"])]
    assert sorted(found) == sorted(ids)


def test_open_holds_are_read_by_id_and_ended_ones_are_not(tenant: Tenant) -> None:
    held, released = tenant.hold("1"), tenant.hold("2")
    tenant.release(released).body  # noqa: B018
    assert list(books_of(tenant).open_holds()) == [held]


def test_an_account_is_read_alone_and_only_shared_ones_are_striped(tenant: Tenant) -> None:
    spend(tenant, "2026-11-22", agent="writer", model="m")
    books = books_of(tenant)
    run, month = execution_key(tenant.id, "run"), tenant_key(tenant.id, "2026-11")
    assert books.alone(run).totals.spent == books.alone(month).totals.spent == 1
    assert not books.is_striped(run)
    assert books.is_striped(system_key("2026-11"))
    named = {
        key.scope_id
        for key in books.breakdown_accounts("2026-11")
        if key.scope in {"agent", "model"}
    }
    assert named == {"writer", "m"}
    assert [one.key for one in books.accounts([run, month, run])] == [run, month]


def test_an_invocation_that_is_about_to_end_reads_no_further_page(tenant: Tenant) -> None:
    spend(tenant, "2026-11-22")
    with deadline.invocation(1000), pytest.raises(UnavailableError, match="too long"):
        list(books_of(tenant).entries(["2026-11-22"]))
