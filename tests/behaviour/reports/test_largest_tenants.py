"""A page of the system's tenants costs the same requests, however many tenants there are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import Move, tenant_key
from budget_monitor.entrypoints.door.cursors import write_cursor
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.bulk import put_accounts
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

MONTH = "2026-10"


def put_tenants(cloud: MemoryCloud, first: int, after_last: int, *, amounts: int = 10**6) -> None:
    """Put months of tenants that spent from 0 USD on, with so many different amounts."""
    put_accounts(
        cloud,
        {
            tenant_key(f"tenant-{number:05}", MONTH): Move(spent=Decimal(number % amounts))
            for number in range(first, after_last)
        },
    )


def all_pages(limit: int) -> list[list[dict[str, Any]]]:
    found, cursor = list[list[dict[str, Any]]](), dict[str, Any]()
    while True:
        body = DirectDoor().call("system_usage", month=MONTH, limit=limit, **cursor).body
        found.append(body["tenants"])
        if body["cursor"] is None:
            return found
        cursor = {"cursor": body["cursor"]}


def test_a_page_costs_the_same_requests_at_10_and_1000_and_10000_tenants(
    cloud: MemoryCloud,
) -> None:
    counts, known = list[list[str]](), 0
    for tenants in (10, 1000, 10_000):
        put_tenants(cloud, known, tenants)
        known = tenants
        cursor = dict[str, Any]()
        for place in (1, 6):
            with recorded_calls() as calls:
                page = DirectDoor().call("system_usage", month=MONTH, limit=5, **cursor).body
            names = [item["tenant_id"] for item in page["tenants"]]
            assert names == [f"tenant-{tenants - one:05}" for one in range(place, place + 5)]
            cursor = {"cursor": page["cursor"]}
            counts.append(calls.operations)

    # Before them: the rules of the system, and the account of its month.
    assert counts == [["BatchGetItem"] * 2 + ["Query"] * 16 + ["BatchGetItem"]] * 6


@pytest.mark.parametrize("amounts", [1, 7, 10**6])
def test_100_tenants_are_each_on_one_page_and_the_largest_first(
    cloud: MemoryCloud, amounts: int
) -> None:
    put_tenants(cloud, 0, 100, amounts=amounts)

    found = all_pages(17)

    assert [len(page) for page in found] == [17] * 5 + [15]
    assert len({item["tenant_id"] for page in found for item in page}) == 100
    spent = [int(item["spent_usd"]) for page in found for item in page]
    assert spent == sorted(spent, reverse=True)


def test_a_tenant_whose_adjustments_outweigh_its_costs_is_the_last(
    cloud: MemoryCloud,
) -> None:
    put_tenants(cloud, 0, 5)
    put_accounts(cloud, {tenant_key("refunded", MONTH): Move(spent=Decimal("-0.5"))})

    found = all_pages(2)

    assert [item["tenant_id"] for item in found[-1]] == ["tenant-00000", "refunded"]


def test_tenants_with_several_rows_are_paged_by_their_whole_spend(
    cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", "4")
    with at("2026-10-05T12:00:00Z"):
        for number in range(6):
            for _ in range(4):
                Tenant(DirectDoor(), f"tenant-{number}").spend(str(number))

    spent = [item["spent_usd"] for page in all_pages(4) for item in page]

    assert spent == ["20", "16", "12", "8", "4", "0"]


def test_a_month_of_an_earlier_version_without_lists_by_spend_shows_its_tenants(
    cloud: MemoryCloud,
) -> None:
    put_tenants(cloud, 0, 5)
    table = cloud.tables["AccountsTable"]
    rows = cloud.rows()["AccountsTable"]
    cloud.database.put_rows(
        table, [{k: v for k, v in row.items() if k != "ranking"} for row in rows]
    )

    assert [[item["spent_usd"] for item in page] for page in all_pages(3)] == [
        ["4", "3", "2"],
        ["1", "0"],
    ]


def test_a_cursor_behind_the_last_tenant_does_not_read_all_of_them(cloud: MemoryCloud) -> None:
    put_tenants(cloud, 0, 500)
    behind = write_cursor("-1#nobody", "system_usage", MONTH)

    with recorded_calls() as calls:
        page = DirectDoor().call("system_usage", month=MONTH, cursor=behind).body

    assert (page["tenants"], page["cursor"]) == ([], None)
    assert calls.operations.count("BatchGetItem") <= 2
