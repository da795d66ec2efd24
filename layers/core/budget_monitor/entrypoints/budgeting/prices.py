"""The operations of prices: setting them, and looking up the price of a model."""

from datetime import datetime
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.errors import UnknownPriceError, ValidationError
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.prices.set_prices import Price
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.rulebook import MAX_PRICES, rules_key
from budget_monitor.entrypoints.budgeting import history
from budget_monitor.entrypoints.budgeting.rate_fields import read_price
from budget_monitor.entrypoints.budgeting.request import Services, versioned
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.prices.set_prices import (
    DELETE_PRICE,
    SET_PRICE,
    PriceDraft,
    SetPrice,
    is_of_prices,
)

_Context = RequestContext[Services]
_SHEET = "prices"
"""The field of a whole price sheet."""


def set_price(context: _Context, fields: Fields) -> Answer:
    """Set a price, or a discount, for a tenant from a moment on."""
    return _set(context, fields, fields.optional_tenant() or SYSTEM)


def set_system_price(context: _Context, fields: Fields) -> Answer:
    """Set a price, or a discount, for all tenants that have none of their own."""
    return _set(context, fields, SYSTEM)


def _set(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    if fields.gives(_SHEET):
        return _set_sheet(context, fields, tenant_id)
    model, provider, rates, discount = read_price(fields)
    draft = PriceDraft(model, provider, fields.instant("from"), rates, discount)
    command = versioned(fields, tenant_id, SET_PRICE)
    return Answer(_one(context.services.prices.set_price(command, draft), tenant_id))


def _set_sheet(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    """A whole price sheet in one change: all of its prices, or none."""
    drafts, canonical = list[PriceDraft](), []
    since = fields.instant("from")
    for one in fields.each(_SHEET, MAX_PRICES):
        model, provider, rates, discount = read_price(one)
        draft = PriceDraft(model, provider, one.instant("from") or since, rates, discount)
        if any((draft.name, draft.since) == (other.name, other.since) for other in drafts):
            raise ValidationError(f"{one.path('model')} is given twice", one.path("model"))
        drafts.append(draft)
        canonical.append(one.finish())
    fields.canonical[_SHEET] = canonical
    done = context.services.prices.set_prices(versioned(fields, tenant_id, SET_PRICE), drafts)
    source = "system" if tenant_id == SYSTEM else "tenant"
    return Answer(
        {
            "tenant_id": None if tenant_id == SYSTEM else tenant_id,
            "prices": [_price(one, source) for one in done.prices],
            "version": done.version,
            "replayed": done.replayed,
        }
    )


def delete_price(context: _Context, fields: Fields) -> Answer:
    """End a tenant's price: the system's or the published price applies again."""
    return _delete(context, fields, fields.optional_tenant() or SYSTEM)


def delete_system_price(context: _Context, fields: Fields) -> Answer:
    """End a price of the system: the published price applies again."""
    return _delete(context, fields, SYSTEM)


def _delete(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    model = fields.name("model")
    if model is None:
        raise fields.missing("model")
    draft = PriceDraft(model, fields.name("provider"), fields.instant("from"))
    command = versioned(fields, tenant_id, DELETE_PRICE)
    body = _one(context.services.prices.delete_price(command, draft), tenant_id)
    return Answer({**body, "deleted": True})


def list_prices(context: _Context, fields: Fields) -> Answer:
    """List the prices set for a tenant; with a `model`, also the price in force."""
    return _list(context, fields, fields.optional_tenant() or SYSTEM)


def list_system_prices(context: _Context, fields: Fields) -> Answer:
    """List the prices set for all tenants; with a `model`, also the price in force."""
    return _list(context, fields, SYSTEM)


def _list(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    model, provider, at = fields.name("model"), fields.name("provider"), fields.instant("at")
    fields.finish()
    if model is None and (provider is not None or at is not None):
        raise fields.missing("model")
    found = context.services.prices.list_prices(tenant_id, model, provider)
    items = [_price(one, source) for source, one in found]
    return Answer({"items": items, "in_force": _in_force(context, tenant_id, model, provider, at)})


def _in_force(
    context: _Context, tenant_id: str, model: str | None, provider: str | None, at: datetime | None
) -> dict[str, Any] | None:
    """The price sheet of the model at that moment, or None if no price is known."""
    if model is None:
        return None
    try:
        sheet, _ = context.services.prices.price(tenant_id, model, provider, at)
    except UnknownPriceError:
        return None
    return sheet.dump()


def get_price(context: _Context, fields: Fields) -> Answer:
    """Return the price of a model for tenants without prices of their own, and its source."""
    model, provider, at = fields.name("model"), fields.name("provider"), fields.instant("at")
    fields.finish()
    if model is None:
        raise fields.missing("model")
    sheet, moment = context.services.prices.price(SYSTEM, model, provider, at)
    shown = sheet.dump()
    return Answer(
        {
            **shown,
            "model": model,
            "provider": provider,
            "matched_model": shown["model"],
            "matched_provider": shown["provider"],
            "at": render_instant(moment),
        }
    )


def price_history(context: _Context, fields: Fields) -> Answer:
    """List the changes of a tenant's prices, the latest first."""
    return _history(context, fields, fields.optional_tenant() or SYSTEM)


def system_price_history(context: _Context, fields: Fields) -> Answer:
    """List the changes of the system's prices, the latest first."""
    return _history(context, fields, SYSTEM)


def _history(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    model = fields.name("model")

    def wanted(change: Request) -> bool:
        return is_of_prices(change, model)

    query = ("prices", tenant_id, model)
    return Answer(history.page(context, fields, rules_key(tenant_id), query, wanted))


def _one(done: SetPrice, tenant_id: str) -> dict[str, Any]:
    shown = _price(done.price, "system" if tenant_id == SYSTEM else "tenant")
    owner = None if tenant_id == SYSTEM else tenant_id
    return {"tenant_id": owner, **shown, "version": done.version, "replayed": done.replayed}


def _price(price: Price, source: str) -> dict[str, Any]:
    return {**price.dump(), "source": source}


_TENANT, _SYSTEM, _PRICES = "/tenants/{tenant_id}", "/system", "/prices"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("set_price", "PUT", f"{_TENANT}{_PRICES}", set_price),
    Operation("delete_price", "DELETE", f"{_TENANT}{_PRICES}", delete_price),
    Operation("list_prices", "GET", f"{_TENANT}{_PRICES}", list_prices),
    Operation("price_history", "GET", f"{_TENANT}{_PRICES}/history", price_history),
    Operation("set_system_price", "PUT", f"{_SYSTEM}{_PRICES}", set_system_price),
    Operation("delete_system_price", "DELETE", f"{_SYSTEM}{_PRICES}", delete_system_price),
    Operation("list_system_prices", "GET", f"{_SYSTEM}{_PRICES}", list_system_prices),
    Operation("system_price_history", "GET", f"{_SYSTEM}{_PRICES}/history", system_price_history),
    Operation("get_price", "GET", _PRICES, get_price),
)
