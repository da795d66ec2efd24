"""The operations of prices before going live: quotes, known models, names and their prices."""

from typing import Any

from budget_monitor.domain.costs.facts import Terms
from budget_monitor.domain.money import render
from budget_monitor.entrypoints.door.cost_fields import read_cost, read_terms
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.label_fields import read_labels
from budget_monitor.entrypoints.door.operations import Answer
from budget_monitor.entrypoints.door.render import OF_THE_CALL
from budget_monitor.usecases.prices.quote import Named, Quoting

MAX_NAMES = 100


def quote(quoting: Quoting, fields: Fields) -> Answer:
    """Return what `record_cost` would book for this body, and why. Nothing is booked."""
    tenant_id = fields.tenant()
    fields.caller_id("entry_id")
    fields.idempotency_key()
    fields.flag("include_gates", default=True)
    labels, cost = read_labels(fields), read_cost(fields, "quote")
    found = quoting.quote(tenant_id, cost.spent, labels, cost.occurred_at)
    bill = found.bill
    return Answer(
        {
            "cost_usd": render(bill.amount),
            "price": bill.kept_quote,
            "tokens": bill.tokens,
            "input_tokens": bill.input_tokens,
            "output_tokens": bill.output_tokens,
            "model": found.labels.model,
            "provider": found.labels.provider,
            **{name: bill.call.get(name) for name in OF_THE_CALL},
            "price_differs": bill.differs,
            "warnings": list(found.warnings),
        }
    )


def price_models(quoting: Quoting, fields: Fields) -> Answer:
    """List every model of the price list, with the list's version and date."""
    provider = fields.name("provider")
    fields.finish()
    version, dated = quoting.edition()
    items = [
        {"provider": where, "model": model, "has_tiers": tiers}
        for where, model, tiers in quoting.models()
        if provider is None or where == provider.casefold()
    ]
    return Answer({"version": version, "dated": dated, "items": items})


def match_prices(quoting: Quoting, fields: Fields) -> Answer:
    """Return the price that each of up to 100 names would get."""
    tenant_id = fields.tenant()
    names = [_named(one) for one in fields.each("names", MAX_NAMES)]
    fields.finish()
    found = quoting.match(tenant_id, names)
    items = [
        {
            "model": name.model,
            "provider": name.provider,
            "known": sheet is not None,
            "price": sheet.dump() if sheet else None,
            "why": why or None,
        }
        for name, (sheet, why) in zip(names, found, strict=True)
    ]
    return Answer({"items": items})


def _named(fields: Fields) -> Named:
    model = fields.name("model")
    if model is None:
        raise fields.missing("model")
    terms: dict[str, Any] = read_terms(fields)
    provider = fields.name("provider")
    fields.finish()
    return Named(model, provider, Terms.said(**terms))
