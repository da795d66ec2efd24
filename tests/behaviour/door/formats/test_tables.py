"""Breakdowns, statements and budgets as CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from functions.resetting import app as resetting
from tests.support.builders import Tenant
from tests.support.times import at

BREAKDOWNS = {
    "agent_costs": "agent", "model_costs": "model", "daily_costs": "day", "user_costs": "user",
    "tag_costs": "tag", "workflow_costs": "workflow", "provider_costs": "provider",
}  # fmt: skip


def rows(tenant: Tenant, operation: str, **fields: Any) -> list[dict[str, str]]:
    body = tenant.call(operation, format="csv", **fields).body
    return list(csv.DictReader(io.StringIO(body["csv"], newline="")))


@pytest.mark.parametrize("operation", BREAKDOWNS)
def test_a_breakdown_as_csv_adds_up_to_its_total(tenant: Tenant, operation: str) -> None:
    with at("2026-11-22T10:00:00Z"):
        tenant.spend(
            "1.5", agent="writer", model="gpt-4o", user="=ana", tags=["blue"],
            workflow="nightly", workflow_execution_id="w-1", provider="openai", tokens=7,
        )  # fmt: skip
        tenant.spend("0.000000000001")
        found = rows(tenant, operation)
        total = tenant.call(operation).body["total_usd"]

    assert str(sum(Decimal(one["spent_usd"]) for one in found)) == total
    first = found[0]
    assert (first["tenant_id"], first["month"], first["currency"]) == (tenant.id, "2026-11", "USD")
    assert (first["by"], first["tokens"]) == (BREAKDOWNS[operation], "7")
    if operation == "user_costs":
        assert first["name"] == "'=ana"


def test_a_breakdown_as_csv_is_paged(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z"):
        for name in ("ana", "bo", "cy"):
            tenant.spend("1", user=name)
        first = tenant.call("user_costs", format="csv", limit=2)
        rest = tenant.call("user_costs", format="csv", limit=2, cursor=first.body["cursor"])

    assert first.body["csv"].count("\r\n") == 3
    assert (rest.body["csv"].count("\r\n"), rest.body["cursor"]) == (2, None)
    assert first.headers.get("x-next-cursor", first.body["cursor"]) == first.body["cursor"]


def test_statements_as_csv_have_their_figures_and_negative_amounts_are_numbers(
    tenant: Tenant,
) -> None:
    with at("2026-09-20T10:00:00Z"):
        tenant.spend("3", entry_id="old")
    with at("2026-10-20T10:00:00Z"):
        tenant.adjust("old", "-1")
    with at("2026-11-05T03:00:00Z"):
        resetting.lambda_handler({"operation": "close_month", "month": "2026-10"}, None)
        (row,) = rows(tenant, "statements", month="2026-10")

    wanted = {
        "tenant_id": tenant.id, "month": "2026-10", "number": "1", "spent_usd": "-1",
        "late_usd": "-1", "limit_usd": "1000", "entries": "0", "currency": "USD",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_budgets_as_csv_show_limits_and_what_is_spent(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z"):
        tenant.spend("10")
        found = {one["budget_id"]: one for one in rows(tenant, "list_budgets")}

    month = found["tenant-month"]
    assert (month["limit_usd"], month["spent_usd"], month["used_percent"]) == ("1000", "10", "1")
    assert (month["thresholds"], month["currency"]) == ("50 | 80 | 100", "USD")
    assert found["execution"]["spent_usd"] == ""


@pytest.mark.parametrize("operation", ["agent_costs", "statements", "list_budgets", "ledger"])
def test_json_lines_are_the_items_one_a_line(tenant: Tenant, operation: str) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        tenant.spend("1", agent="writer")
        items = tenant.call(operation).body["items"]
        text = tenant.call(operation, format="jsonl").body["jsonl"]

    lines = [json.loads(one) for one in text.splitlines()]
    assert len(lines) == len(items)
    assert all(item.items() <= line.items() for item, line in zip(items, lines, strict=True))


@pytest.mark.doors("http")
@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/x-ndjson; charset=utf-8"),
        ("application/json, text/csv", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_the_accept_header_chooses_the_format(tenant: Tenant, accept: str, media: str) -> None:
    for operation in ("agent_costs", "statements", "list_budgets", "ledger"):
        answer = tenant.call(operation, headers={"Accept": accept})
        assert answer.headers["content-type"] == media


def test_an_unknown_format_is_refused(tenant: Tenant) -> None:
    for operation in ("agent_costs", "statements", "list_budgets", "ledger"):
        assert tenant.call(operation, format="xml").refusal == ("VALIDATION_ERROR", "format")
