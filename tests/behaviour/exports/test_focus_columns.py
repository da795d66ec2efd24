"""FOCUS 1.0 rows: mandatory columns, types, allowed values, and the arithmetic of their amounts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import ADJUSTMENT, COST, Entry
from budget_monitor.domain.periods import Booking
from budget_monitor.usecases.exports.cells import to_csv
from budget_monitor.usecases.exports.focus_columns import (
    DRAFT_NAMES,
    FOCUS_COLUMNS,
    BillingPeriod,
    focus_row,
)

AT = datetime(2026, 10, 20, 10, 0, 0, 123, tzinfo=UTC)
OCTOBER = BillingPeriod(
    "2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
)
CALL = Entry(
    entry_id="call", tenant_id="acme", kind=COST, amount=Decimal("0.000000000001"),
    labels=Labels(
        agent_execution_id="run-1", agent="writer", model="gpt-4o", provider="openai",
        user="ana", tags=("blue",),
    ),
    booking=Booking("2026-10", "2026-10-20"), occurred_at=AT, recorded_at=AT, request={}, tokens=3,
    price={"source": "genai-prices", "version": "1"}, call={"region": "eu-west-1"},
)  # fmt: skip
BARE = replace(CALL, labels=Labels(workflow_execution_id="flow"), price=None, call=None, tokens=0)
REFUND = replace(CALL, kind=ADJUSTMENT, amount=Decimal(-2), reason="=the bill", flags=("late",))
ENTRIES = (CALL, BARE, REFUND, replace(REFUND, flags=(), reason=None))

NOT_NULL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
    "ListCost", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
)  # fmt: skip
ALLOWED: dict[str, set[str | None]] = {
    "BillingCurrency": {"USD"},
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {"Correction", None},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "PricingCategory": {"Standard", "Dynamic", "Committed", "Other", None},
    "ServiceCategory": {"AI and Machine Learning"},
}


@pytest.fixture(params=ENTRIES, ids=["call", "bare", "refund", "adjustment"])
def row(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(focus_row(request.param, OCTOBER))


def test_a_row_has_all_columns_and_no_null_where_focus_forbids_it(row: dict[str, Any]) -> None:
    assert set(row) == set(FOCUS_COLUMNS)
    assert [name for name in NOT_NULL if row[name] in {None, ""}] == []
    assert all(row[name] in values for name, values in ALLOWED.items())


def test_columns_beyond_focus_begin_with_x_or_are_names_of_its_drafts() -> None:
    named = [one for one in FOCUS_COLUMNS if one[0].isupper() and one not in DRAFT_NAMES]
    assert len(named) == 43
    assert len(set(FOCUS_COLUMNS)) == len(FOCUS_COLUMNS)


def test_periods_are_half_open_and_in_utc(row: dict[str, Any]) -> None:
    assert row["BillingPeriodStart"] == "2026-10-01T00:00:00Z"
    assert row["BillingPeriodEnd"] == "2026-11-01T00:00:00Z"
    assert row["ChargePeriodStart"] == "2026-10-20T10:00:00Z"
    assert row["ChargePeriodEnd"] == "2026-10-20T10:00:01Z"


@pytest.mark.parametrize("entry", [CALL, BARE])
def test_the_unit_price_times_the_quantity_is_the_cost(entry: Entry) -> None:
    row = focus_row(entry, OCTOBER)
    assert row["ListUnitPrice"] * row["PricingQuantity"] == row["ListCost"] == entry.amount
    assert row["ContractedUnitPrice"] * row["PricingQuantity"] == row["ContractedCost"]


def test_an_adjustment_is_no_usage_and_a_late_one_corrects_a_closed_period() -> None:
    refund = focus_row(REFUND, OCTOBER)
    assert (refund["ChargeCategory"], refund["ChargeClass"]) == ("Adjustment", "Correction")
    assert refund["PricingQuantity"] is None
    assert focus_row(ENTRIES[3], OCTOBER)["ChargeClass"] is None


def test_names_and_tags_are_one_json_object() -> None:
    assert json.loads(focus_row(CALL, OCTOBER)["Tags"]) == {
        "agent": "writer", "user": "ana", "tag/blue": True,
    }  # fmt: skip


def test_a_description_is_no_formula_in_a_spreadsheet() -> None:
    text = to_csv(FOCUS_COLUMNS, [focus_row(REFUND, OCTOBER)])
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["ChargeDescription"], row["BilledCost"]) == ("'=the bill", "-2")
