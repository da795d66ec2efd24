"""Ledger entries as rows of FOCUS 1.0, the FinOps Open Cost and Usage Specification.

One row for each entry that counts. A call is one unit of price, so that the unit price times the
quantity is the cost to the last digit; tokens are the consumed quantity.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from budget_monitor.domain.costs.ledger import ADJUSTMENT, LATE, Entry
from budget_monitor.domain.periods import render_instant
from budget_monitor.usecases.exports.cells import CURRENCY, Row

_MOMENT = timedelta(seconds=1)
"""A charge period must not be empty: a call counts in the second that it happened in."""
_UNKNOWN = "unknown"
_NULL = (
    "AvailabilityZone",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "SubAccountName",
)
"""Columns of FOCUS that do not apply to calls of models."""


DRAFT_NAMES = {
    "ChargeType": "ChargeCategory",
    "InvoiceIssuer": "InvoiceIssuerName",
    "Provider": "ProviderName",
    "Publisher": "PublisherName",
    "ResourceID": "ResourceId",
}
"""Names of the drafts of FOCUS 1.0: focus-validator 1.0.0 asks for them beside the final ones."""


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """A tenant's month: its name, its first moment, and the first moment after it."""

    month: str
    start: datetime
    end: datetime


def focus_row(entry: Entry, period: BillingPeriod) -> Row:
    """Return the row of an entry that counts. Columns beyond FOCUS begin with `x_`."""
    labels, call = entry.labels, entry.call or {}
    provider = labels.provider_resolved or labels.provider or _UNKNOWN
    model, price = labels.model_resolved or labels.model, entry.price or {}
    row = {
        **dict.fromkeys(_NULL),
        "BillingAccountId": entry.tenant_id,
        "BillingAccountName": entry.tenant_id,
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": render_instant(period.start),
        "BillingPeriodEnd": render_instant(period.end),
        "ChargePeriodStart": _second(entry.occurred_at),
        "ChargePeriodEnd": _second(entry.occurred_at + _MOMENT),
        **_amounts(entry),
        **_charge(entry, model),
        **dict.fromkeys(("ProviderName", "PublisherName", "InvoiceIssuerName"), provider),
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": provider,
        **dict.fromkeys(("RegionId", "RegionName"), call.get("region")),
        "ResourceId": labels.agent_execution_id or labels.workflow_execution_id,
        "ResourceName": labels.agent or labels.workflow,
        "ResourceType": "Agent" if labels.agent_execution_id else "Workflow",
        "SkuId": model,
        "SkuPriceId": "/".join(filter(None, (price.get("source", "given"), model))),
        "SubAccountId": labels.agent,
        "Tags": json.dumps(_tags(entry), sort_keys=True),
        "x_EntryId": entry.entry_id,
        "x_Month": entry.booking.month,
        "x_RecordedAt": render_instant(entry.recorded_at),
        "x_Flags": list(entry.flags),
        "x_InputTokens": entry.input_tokens,
        "x_OutputTokens": entry.output_tokens,
        "x_PriceVersion": price.get("version"),
        "x_ProviderRequestId": call.get("provider_request_id"),
        "x_ServiceTier": call.get("service_tier"),
        "x_Signer": entry.principal,
    }
    return row | {draft: row[final] for draft, final in DRAFT_NAMES.items()}


def _amounts(entry: Entry) -> Row:
    costs = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
    prices = ("ListUnitPrice", "ContractedUnitPrice")
    is_usage = entry.kind != ADJUSTMENT
    return {
        **dict.fromkeys(costs, entry.amount),
        **dict.fromkeys(prices, entry.amount if is_usage else None),
        "PricingQuantity": 1 if is_usage else None,
        "PricingUnit": "Requests" if is_usage else None,
        "PricingCategory": "Standard" if is_usage else None,
        "ConsumedQuantity": entry.tokens if is_usage else None,
        "ConsumedUnit": "Tokens" if is_usage else None,
    }


def _charge(entry: Entry, model: str | None) -> Row:
    if entry.kind == ADJUSTMENT:
        return {
            "ChargeCategory": "Adjustment",
            "ChargeClass": "Correction" if LATE in entry.flags else None,
            "ChargeDescription": entry.reason or "Adjustment",
            "ChargeFrequency": "One-Time",
        }
    return {
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": f"Call of {model}" if model else "Call of a model",
        "ChargeFrequency": "Usage-Based",
    }


def _tags(entry: Entry) -> Mapping[str, Any]:
    """Return names by their label; a tag is a key without a value, which FOCUS writes as true."""
    labels = entry.labels
    names = {"agent": labels.agent, "workflow": labels.workflow, "user": labels.user}
    said = {name: value for name, value in names.items() if value}
    return said | {f"tag/{one}": True for one in labels.tags}


def _second(moment: datetime) -> str:
    return render_instant(moment.replace(microsecond=0))


FOCUS_COLUMNS = (
    *("AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName"),
    *("BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory"),
    *("ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd"),
    *("ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId"),
    *("CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType"),
    *("ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice"),
    *("EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory"),
    *("PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName"),
    *("ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId"),
    *("SkuPriceId", "SubAccountId", "SubAccountName", "Tags"),
    *DRAFT_NAMES,
    *("x_EntryId", "x_Flags", "x_InputTokens", "x_Month", "x_OutputTokens", "x_PriceVersion"),
    *("x_ProviderRequestId", "x_RecordedAt", "x_ServiceTier", "x_Signer"),
)
"""The columns of FOCUS 1.0, those of its drafts, and our own."""
