"""The ledger by filters, by booked month and by recording; its cost follows what it shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.costs.backfilling import backfill, cost
from tests.support.dynamodb.bulk import put_costs
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import size
from tests.support.times import at

NOW = "2026-11-22T10:00:00Z"


def ids(tenant: Tenant, **fields: Any) -> list[str]:
    return [item["entry_id"] for item in tenant.entries(**fields)]


def all_ids(tenant: Tenant, **fields: Any) -> list[str]:
    found, more = list[str](), dict[str, str]()
    while True:
        body = tenant.call("ledger", **more, **fields).body
        found += [item["entry_id"] for item in body["items"]]
        if body["cursor"] is None:
            return found
        more = {"cursor": body["cursor"]}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"user": "ana"}, ["a", "b"]),
        ({"agent": "writer"}, ["a"]),
        ({"model": "gpt-4o"}, ["b"]),
        ({"workflow": "nightly"}, ["c"]),
        ({"tag": "blue"}, ["a", "c"]),
        ({"user": "ana", "tag": "blue"}, ["a"]),
        ({"flags": "late"}, ["d"]),
        ({"user": "nobody"}, []),
    ],
)
def test_the_ledger_is_filtered_by_labels_and_flags(
    tenant: Tenant, wanted: dict[str, str], found: list[str]
) -> None:
    with at(NOW):
        tenant.spend("1", entry_id="a", user="ana", agent="writer", tags=["blue", "red"])
        tenant.spend("1", entry_id="b", user="ana", model="gpt-4o")
        tenant.spend("1", entry_id="c", workflow="nightly", tags=["blue"])
        tenant.spend("1", entry_id="d", occurred_at="2026-09-01T00:00:00Z")

        assert ids(tenant, **wanted) == found


def test_a_filtered_page_goes_on_where_it_ended(tenant: Tenant) -> None:
    with at(NOW, tick=False):
        for number in range(12):
            tenant.spend("1", entry_id=f"e-{number:02}", user="ana" if number % 3 == 0 else "bo")

        assert all_ids(tenant, user="ana", limit=1) == ["e-00", "e-03", "e-06", "e-09"]
        first = tenant.call("ledger", user="ana", limit=1).body["cursor"]
        assert tenant.call("ledger", user="bo", cursor=first).refusal == (
            "VALIDATION_ERROR", "cursor",
        )  # fmt: skip


def test_a_month_has_what_was_booked_in_it_and_adds_up_to_it(tenant: Tenant) -> None:
    with at("2026-10-20T10:00:00Z"):
        tenant.spend("1", entry_id="october")
    with at(NOW):
        tenant.spend("2", entry_id="late", occurred_at="2026-10-21T00:00:00Z")
        tenant.adjust("october", "-0.5", adjustment_id="fix")
        tenant.spend("4", entry_id="november")

        assert ids(tenant, month="2026-10") == ["october"]
        assert ids(tenant, month="2026-11") == ["late", "fix", "november"]
        assert tenant.usage(month="2026-11")["spent_usd"] == "5.5"
        assert all_ids(tenant, month="2026-11", limit=1) == ["late", "fix", "november"]


def test_a_confirmed_cost_is_listed_in_the_month_in_which_it_counts(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(entry="10")
    with at("2026-10-31T10:00:00Z"):
        tenant.spend("50", entry_id="slip")
        assert ids(tenant, month="2026-10") == ["slip"]
    with at(NOW):
        tenant.call("confirm_cost", entry_id="slip", by="jo", reason="right")
        assert (ids(tenant, month="2026-10"), ids(tenant, month="2026-11")) == ([], ["slip"])
        since = {"recorded_from": "2026-11-01T00:00:00Z"}
    with at("2026-11-22T10:05:00Z"):
        assert ids(tenant, **since) == ["slip"]


def test_exports_by_recording_miss_nothing_that_comes_late(direct_tenant: Tenant) -> None:
    tenant, since, found = direct_tenant, "2026-11-01T00:00:00Z", list[str]()
    moments = ("2026-11-05T10:00:00Z", "2026-11-05T10:00:30Z", "2026-11-05T10:02:00Z")
    for number, moment in enumerate(moments):
        with at(moment):
            tenant.spend("1", entry_id=f"now-{number}")
            tenant.spend("1", entry_id=f"late-{number}", occurred_at="2026-08-02T00:00:00Z")
            backfill(
                tenant, cost("1", f"2026-0{7 - number}-02T00:00:00Z", entry_id=f"old-{number}")
            )
            found += all_ids(tenant, recorded_from=since, limit=2)
            since = tenant.call("ledger", recorded_from=since).body["recorded_until"]
    with at("2026-11-05T12:00:00Z"):
        found += ids(tenant, recorded_from=since)

    assert found == [f"{kind}-{n}" for n in range(3) for kind in ("now", "late", "old")]


@pytest.mark.parametrize("field", ["month", "recorded_from"])
def test_two_ranges_at_once_are_refused(tenant: Tenant, field: str) -> None:
    fields = {"month": "2026-11", "recorded_from": "2026-11-01T00:00:00Z"}
    answer = tenant.call("ledger", **{"from": NOW, field: fields[field]})

    assert answer.refusal == ("VALIDATION_ERROR", field)


@pytest.mark.doors("direct")
def test_a_page_costs_the_same_requests_at_1000_and_many_thousand_entries(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    asked = dict[int, list[int]]()
    many = size(4_000, 100_000)
    for count in (1000, many):
        other = Tenant(tenant.door)
        put_costs(cloud, other.id, count, names=20)
        asked[count] = []
        with at(NOW):
            for fields in (
                {"month": "2026-10"},
                {"recorded_from": "2026-10-10T00:00:00Z"},
                {"from": "2026-10-05T00:00:00Z"},
                {"month": "2026-10", "limit": 1000},
            ):
                with recorded_calls() as calls:
                    page = other.call("ledger", **fields).body
                assert len(page["items"]) == fields.get("limit", 100)
                asked[count].append(len(calls))
            with recorded_calls() as calls:
                other.call("ledger", month="2026-10", user="user-0")
            asked[count].append(len(calls))

    # 1,000 entries are 50 a day, so that a page by time shows two days and looks at a third.
    assert asked == {1000: [2, 6, 5, 11, 20], many: [2, 6, 3, 11, 20]}
