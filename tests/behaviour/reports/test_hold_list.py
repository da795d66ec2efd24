"""The list of a tenant's reservations: states, pages, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.dynamodb.bulk import put_holds
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import set_budget
from tests.support.times import at


def listed(tenant: Tenant, **fields: Any) -> list[str]:
    """The ids of all pages, in order."""
    found, cursor = list[str](), None
    while True:
        given: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = tenant.call("list_reservations", **fields, **given).body
        found += [item["reservation_id"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            return found


def one_of_each(tenant: Tenant) -> None:
    """Five holds, one a minute: open, settled, released, overdue, expired."""
    for n, name in enumerate(("open", "settled", "released", "overdue", "expired")):
        life = 30 if name in {"overdue", "expired"} else 3600
        with at(f"2026-11-22T10:{n:02}:00Z", tick=False):
            tenant.hold("1", reservation_id=name, agent=f"agent-{n % 2}", expires_in_seconds=life)
    with at("2026-11-22T10:04:10Z"):
        tenant.settle("settled", "1")
        tenant.release("released")


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_reservations_are_listed_latest_first_in_any_state(tenant: Tenant, limit: int) -> None:
    one_of_each(tenant)
    with at("2026-11-22T10:30:00Z"):
        tenant.release("expired")  # it is stored as expired
        assert listed(tenant, limit=limit) == ["expired", "overdue", "released", "settled", "open"]
        for state, names in {
            "open": ["open"],
            "settled": ["settled"],
            "released": ["released"],
            "expired": ["expired", "overdue"],
        }.items():
            assert listed(tenant, state=state, limit=limit) == names
        assert listed(tenant, agent="agent-1", limit=limit) == ["overdue", "settled"]
        assert listed(tenant, agent="agent-1", state="settled", limit=limit) == ["settled"]


def test_an_item_is_what_get_reservation_answers(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        tenant.hold("1.5", reservation_id="one", user="ana", tags=["a"])
        (item,) = tenant.call("list_reservations").body["items"]
        assert item == tenant.reservation("one")


def test_an_unknown_tenant_has_no_reservations(tenant: Tenant) -> None:
    assert tenant.call("list_reservations").body == {"items": [], "cursor": None}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"state": "active"}, "state"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"order": "spend"}, "order"),
    ],
)
def test_a_bad_question_names_its_field(tenant: Tenant, fields: dict[str, Any], field: str) -> None:
    answer = tenant.call("list_reservations", **fields)
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", field)


def test_a_cursor_of_another_tenant_or_state_is_refused(tenant: Tenant) -> None:
    for _ in range(2):
        tenant.hold("1")
    cursor = tenant.call("list_reservations", limit=1).body["cursor"]

    for answer in (
        Tenant(tenant.door).call("list_reservations", cursor=cursor),
        tenant.call("list_reservations", cursor=cursor, state="open"),
    ):
        assert (answer.error, answer.field) == ("VALIDATION_ERROR", "cursor")


@pytest.mark.doors("direct")
def test_a_page_costs_the_same_requests_at_30_and_at_300_reservations(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    counts = list[list[str]]()
    for holds in (30, 300):
        other = Tenant(tenant.door)
        set_budget(other, "execution", "1000", scope="execution", period="run")
        for released in (False, True):
            run = {"agent_execution_id": "run-1"}
            put_holds(cloud, other, holds // 2, "0.01", run, released=released)
        for asked in ({}, {"state": "open"}, {"state": "released"}):
            with recorded_calls() as calls:
                page = other.call("list_reservations", limit=10, **asked).body
            assert len(page["items"]) == 10
            counts.append(calls.operations)

    assert counts[:3] == counts[3:]
    assert [len(one) for one in counts[:3]] == [5, 2, 2]
