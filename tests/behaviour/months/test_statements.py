"""The statements of many months, page by page."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey, Move, tenant_key
from tests.support.builders import Tenant
from tests.support.doors import bad_input as bad
from tests.support.doors.doors import Door
from tests.support.dynamodb.bulk import put_accounts
from tests.support.memory.fixture import MemoryCloud
from tests.support.months.closing import close, statements
from tests.support.times import at

MONTHS = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]


def closed(*tenants: Tenant) -> None:
    """Five months with a statement each, and a second one of November."""
    for month in MONTHS:
        with at(f"{month}-20T00:00:00Z"):
            for tenant in tenants:
                tenant.spend("1")
        first = (datetime.fromisoformat(f"{month}-28T03:00:00+00:00") + timedelta(days=5)).replace(
            day=2
        )
        with at(first.isoformat()):
            close()
            if month == "2026-11":
                for tenant in tenants:
                    tenant.spend("0.5", occurred_at="2026-11-30T00:00:00Z")
                close()


NUMBERS = [
    ("2027-01", 1),
    ("2026-12", 1),
    ("2026-11", 2),
    ("2026-11", 1),
    ("2026-10", 1),
    ("2026-09", 1),
]


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_the_latest_come_first_and_pages_leave_nothing_out(tenant: Tenant, limit: int) -> None:
    closed(tenant)
    found, cursor = list[tuple[str, int]](), None
    with at("2027-02-10T00:00:00Z"):
        while True:
            page = tenant.call(
                "statements", limit=limit, **({"cursor": cursor} if cursor else {})
            ).body
            assert len(page["items"]) <= limit
            found += [(one["month"], one["number"]) for one in page["items"]]
            cursor = page["cursor"]
            if cursor is None:
                break

    assert found == NUMBERS


def test_one_month_has_all_its_numbers_whenever_it_was(tenant: Tenant) -> None:
    closed(tenant)
    with at("2036-02-10T00:00:00Z"):
        assert statements(tenant) == []
        found = statements(tenant, month="2026-11")
    assert [(one["number"], one["spent_usd"]) for one in found] == [(2, "1.5"), (1, "1")]


def test_the_system_has_its_own(tenant: Tenant, door: Door) -> None:
    closed(tenant)
    with at("2027-02-10T00:00:00Z"):
        items = door.call("system_statements").body["items"]
        assert [(one["month"], one["number"]) for one in items] == NUMBERS
        (only,) = door.call("system_statements", month="2026-10").body["items"]
    assert [one["name"] for one in only["by_tenant"]] == [tenant.id]


def test_a_cursor_belongs_to_its_tenant_and_its_question(tenant: Tenant, door: Door) -> None:
    stranger = Tenant(door)
    closed(tenant, stranger)
    with at("2027-02-10T00:00:00Z"):
        cursor = tenant.call("statements", limit=1).body["cursor"]
        for answer in (
            stranger.call("statements", cursor=cursor),
            tenant.call("statements", cursor=cursor, month="2026-11"),
            door.call("system_statements", cursor=cursor),
        ):
            assert answer.refusal == ("VALIDATION_ERROR", "cursor")
        assert tenant.id not in json.dumps(stranger.call("statements").body)


@pytest.mark.parametrize("operation", ["statements", "system_statements"])
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("month", bad.BAD_MONTHS),
        ("limit", ["0", "101", "x", ""]),
        ("cursor", bad.BAD_CURSORS),
        ("colour", ["blue"]),
    ],
)
def test_a_bad_question_is_refused_by_name(
    tenant: Tenant, door: Door, operation: str, field: str, values: list[str]
) -> None:
    ask = tenant.call if operation == "statements" else door.call
    for value in values:
        assert ask(operation, **{field: value}).refusal == ("VALIDATION_ERROR", field), value


def test_a_month_of_very_many_agents_names_the_largest_and_counts_the_others(
    tenant: Tenant, memory_cloud: MemoryCloud
) -> None:
    spent = {
        AccountKey(tenant.id, "agent", f"{n:03}" + "\U0001f600" * 200, "2026-11"): Move(
            spent=Decimal(n) / 1000, entries=1
        )
        for n in range(1, 131)
    }
    whole = Move(spent=Decimal("8.515"), entries=130)
    accounts = (tenant_key(tenant.id, "2026-11"), AccountKey(tenant.id, "model", "", "2026-11"))
    put_accounts(memory_cloud, dict.fromkeys(accounts, whole) | spent)
    with at("2026-12-01T03:00:00Z"):
        close()
        (told,) = statements(tenant)

    lines, others = told["by_agent"], told["by_agent_others"]
    assert lines[0]["spent_usd"] == "0.13"
    assert len(json.dumps(lines, ensure_ascii=False).encode()) < 42_000
    assert len(lines) + others["names"] == 130
    assert sum(one["entries"] for one in [*lines, others]) == 130
    assert told["spent_usd"] == "8.515"
