"""The ledger: every entry of a tenant, oldest first, as JSON or CSV, page by page."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.times import at

CSV = {"Accept": "text/csv"}


def recorded(tenant: Tenant, *days: str) -> None:
    """One cost at 10:00 of each day; its id is the day."""
    for day in days:
        tenant.spend("1", occurred_at=f"{day}T10:00:00Z", entry_id=day)


def ids(tenant: Tenant, **fields: object) -> list[str]:
    return [item["entry_id"] for item in tenant.entries(**fields)]


def test_entries_come_oldest_first_by_when_they_occurred(tenant: Tenant) -> None:
    with at("2026-11-20T12:00:00Z"):
        recorded(tenant, "2026-11-19", "2026-11-05", "2026-11-20", "2026-11-12")

        assert ids(tenant) == ["2026-11-05", "2026-11-12", "2026-11-19", "2026-11-20"]


def test_from_is_inclusive_and_to_is_exclusive(tenant: Tenant) -> None:
    with at("2026-11-20T12:00:00Z"):
        recorded(tenant, "2026-11-05", "2026-11-12", "2026-11-19")
        window = {"from": "2026-11-05T10:00:00Z", "to": "2026-11-19T10:00:00Z"}

        assert ids(tenant, **window) == ["2026-11-05", "2026-11-12"]
        window = {"from": "2026-11-05T11:00:00.000001+01:00", "to": "2026-11-19T10:00:01Z"}
        assert ids(tenant, **window) == ["2026-11-12", "2026-11-19"]


def test_entries_are_found_by_when_they_occurred_also_across_months(tenant: Tenant) -> None:
    with at("2026-10-15T12:00:00Z"):
        recorded(tenant, "2026-10-14")
    with at("2026-11-20T12:00:00Z"):
        recorded(tenant, "2026-10-20", "2026-11-19")
        window = {"from": "2026-10-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}

        assert ids(tenant, **window) == ["2026-10-14", "2026-10-20", "2026-11-19"]
        assert tenant.entries(**window)[1]["flags"] == ["late"]


def test_a_window_without_entries_is_empty(tenant: Tenant) -> None:
    with at("2026-11-20T12:00:00Z"):
        recorded(tenant, "2026-11-19")
        same = "2026-11-19T10:00:00Z"

        assert ids(tenant, **{"from": same, "to": same}) == []
        body = tenant.call("ledger", **{"from": "2026-11-20T00:00:00Z"}).body
        assert body == {"items": [], "cursor": None}


def test_the_pages_show_each_entry_once(tenant: Tenant) -> None:
    days = [f"2026-11-{day:02}" for day in range(1, 8)]
    with at("2026-11-20T12:00:00Z"):
        recorded(tenant, *days)
        found, fields = [], {"limit": 3}
        for size in (3, 3, 1):
            body = tenant.call("ledger", **fields).body
            assert len(body["items"]) == size
            found += [item["entry_id"] for item in body["items"]]
            fields = {"limit": 3, "cursor": body["cursor"]}

    assert fields["cursor"] is None
    assert found == days


def test_entries_of_the_same_instant_are_paged_each_once(tenant: Tenant) -> None:
    moment = "2020-01-05T10:00:00Z"
    ids_of = {tenant.spend("1", occurred_at=moment, agent_execution_id="run-1") for _ in range(5)}
    found: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        body = tenant.call("ledger", limit=2, **cursor).body
        found += [item["entry_id"] for item in body["items"]]
        cursor = {"cursor": body["cursor"]}

    assert (len(found), set(found), cursor["cursor"]) == (5, ids_of, None)


def test_a_page_has_100_entries_by_default(tenant: Tenant) -> None:
    costs = [{"cost_usd": "0.01", "agent_execution_id": "run-1"}] * 100
    tenant.call("record_costs", costs=costs).body  # noqa: B018 - must not fail
    tenant.call("record_costs", costs=costs[:1]).body  # noqa: B018 - must not fail

    first = tenant.call("ledger").body
    rest = tenant.call("ledger", cursor=first["cursor"]).body

    assert (len(first["items"]), len(rest["items"])) == (100, 1)
    assert len(ids(tenant, limit=1000)) == 101


def test_the_ledger_adds_up_to_the_month(tenant: Tenant) -> None:
    entry_id = tenant.spend("5")
    tenant.adjust(entry_id, "-2")
    tenant.settle(tenant.hold("3"), "1.25")

    items = tenant.entries()

    assert [item["cost_usd"] for item in items if item["kind"] == "cost"] == ["5", "1.25"]
    assert [item["cost_usd"] for item in items if item["kind"] == "adjustment"] == ["-2"]
    assert tenant.usage()["spent_usd"] == "4.25"


def test_csv_has_one_line_for_each_entry(tenant: Tenant) -> None:
    tenant.spend("0.000001", agent="writer, the second", tags=["a", "b"], tokens=7)
    tenant.spend("2")

    answer = tenant.call("ledger", headers=CSV)

    assert answer.status is None or answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.body["csv"])))
    assert [line["cost_usd"] for line in lines] == ["0.000001", "2"]
    assert lines[0]["agent"] == "writer, the second"
    assert lines[0]["tokens"] == "7"
    assert lines[1]["agent"] == ""


def test_csv_may_be_asked_for_by_a_field(tenant: Tenant) -> None:
    tenant.spend("2")

    answer = tenant.call("ledger", format="csv")

    assert [line["cost_usd"] for line in csv.DictReader(io.StringIO(answer.body["csv"]))] == ["2"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x"])
def test_csv_does_not_carry_formulas_into_a_spreadsheet(tenant: Tenant, name: str) -> None:
    tenant.spend("2", agent=name)

    line = next(csv.DictReader(io.StringIO(tenant.call("ledger", format="csv").body["csv"])))

    assert not line["agent"].startswith(name[0])
    assert line["agent"].endswith(name)


SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_begins_a_formula_whatever_the_locale_separates_columns_by(
    tenant: Tenant, separator: str
) -> None:
    for sign in SIGNS:
        parts = f"a{';'}{sign}1+1, {sign}2|{sign}3"
        tenant.spend("2", agent=f"{sign}0", user=parts, tags=[f"{sign}4", "b;c"])

    text = tenant.call("ledger", format="csv").body["csv"]
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
    assert [one for one in cells if one.lstrip().startswith(tuple(SIGNS))] == []


def test_tags_are_joined_by_what_separates_no_columns(tenant: Tenant) -> None:
    tenant.spend("2", tags=["a", "b"])
    line = next(csv.DictReader(io.StringIO(tenant.call("ledger", format="csv").body["csv"])))
    assert line["tags"] == "a | b"


def test_a_negative_adjustment_stays_a_number_in_csv(tenant: Tenant) -> None:
    tenant.adjust(tenant.spend("5"), "-2")
    lines = csv.DictReader(io.StringIO(tenant.call("ledger", format="csv").body["csv"]))
    assert [line["cost_usd"] for line in lines] == ["5", "-2"]


def test_csv_is_paged_too(tenant: Tenant) -> None:
    for amount in ("1", "2", "3"):
        tenant.spend(amount)

    first = tenant.call("ledger", format="csv", limit=2)
    cursor = first.body["cursor"]

    assert len(list(csv.DictReader(io.StringIO(first.body["csv"])))) == 2
    assert cursor
    rest = tenant.call("ledger", limit=2, cursor=cursor).body["items"]
    assert [item["cost_usd"] for item in rest] == ["3"]


def test_reading_changes_nothing(tenant: Tenant, cloud: Cloud) -> None:
    tenant.spend("2", workflow_execution_id="flow-1", agent_execution_id="run-1")
    before = cloud.rows()

    for operation in ("tenant_usage", "agent_costs", "model_costs", "daily_costs", "ledger"):
        tenant.call(operation).body  # noqa: B018 - must not fail
    tenant.call("execution", agent_execution_id="run-1").body  # noqa: B018 - must not fail
    tenant.call("workflow", workflow_execution_id="flow-1").body  # noqa: B018 - must not fail
    tenant.door.call("system_usage").body  # noqa: B018 - must not fail

    assert cloud.rows() == before
