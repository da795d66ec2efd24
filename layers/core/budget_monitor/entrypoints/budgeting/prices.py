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

_Desk = RequestContext[Services]
_SHEET = "prices"
"""The field of a whole price sheet."""


def set_price(desk: _Desk, fields: Fields) -> Answer:
    """Set a price, or a discount, for a tenant from a moment on."""
    return _set(desk, fields, fields.optional_tenant() or SYSTEM)


def set_system_price(desk: _Desk, fields: Fields) -> Answer:
    """Set a price, or a discount, for all tenants that have none of their own."""
    return _set(desk, fields, SYSTEM)


def _set(desk: _Desk, fields: Fields, owner_id: str) -> Answer:
    if fields.gives(_SHEET):
        return _set_sheet(desk, fields, owner_id)
    model, provider, rates, discount = read_price(fields)
    draft = PriceDraft(model, provider, fields.instant("from"), rates, discount)
    order = versioned(fields, owner_id, SET_PRICE)
    return Answer(_one(desk.services.prices.set_price(order, draft), owner_id))


def _set_sheet(desk: _Desk, fields: Fields, owner_id: str) -> Answer:
    """A whole price sheet in one change: all of its prices, or none."""
    drafts, canonical = list[PriceDraft](), []
    since = fields.instant("from")
    for one in fields.each(_SHEET, MAX_PRICES):
        model, provider, rates, discount = read_price(one)
        draft = PriceDraft(model, provider, one.instant("from") or since, rates, discount)
        if any((draft.name, draft.since) == (other.name, other.since) for other in drafts):
            raise ValidationError(f"{one.path('model')} is there twice", one.path("model"))
        drafts.append(draft)
        canonical.append(one.finish())
    fields.canonical[_SHEET] = canonical
    done = desk.services.prices.set_prices(versioned(fields, owner_id, SET_PRICE), drafts)
    source = "system" if owner_id == SYSTEM else "tenant"
    return Answer(
        {
            "tenant_id": None if owner_id == SYSTEM else owner_id,
            "prices": [_price(one, source) for one in done.prices],
            "version": done.version,
            "replayed": done.replayed,
        }
    )


def delete_price(desk: _Desk, fields: Fields) -> Answer:
    """End a tenant's price: the system's or the published price applies again."""
    return _delete(desk, fields, fields.optional_tenant() or SYSTEM)


def delete_system_price(desk: _Desk, fields: Fields) -> Answer:
    """End a price of the system: the published price applies again."""
    return _delete(desk, fields, SYSTEM)


def _delete(desk: _Desk, fields: Fields, owner_id: str) -> Answer:
    model = fields.name("model")
    if model is None:
        raise fields.missing("model")
    draft = PriceDraft(model, fields.name("provider"), fields.instant("from"))
    order = versioned(fields, owner_id, DELETE_PRICE)
    body = _one(desk.services.prices.delete_price(order, draft), owner_id)
    return Answer({**body, "deleted": True})


def list_prices(desk: _Desk, fields: Fields) -> Answer:
    """List the prices set for a tenant; with a `model`, also the price in force."""
    return _list(desk, fields, fields.optional_tenant() or SYSTEM)


def list_system_prices(desk: _Desk, fields: Fields) -> Answer:
    """List the prices set for all tenants; with a `model`, also the price in force."""
    return _list(desk, fields, SYSTEM)


def _list(desk: _Desk, fields: Fields, owner_id: str) -> Answer:
    model, provider, at = fields.name("model"), fields.name("provider"), fields.instant("at")
    fields.finish()
    if model is None and (provider is not None or at is not None):
        raise fields.missing("model")
    found = desk.services.prices.list_prices(owner_id, model, provider)
    items = [_price(one, source) for source, one in found]
    return Answer({"items": items, "in_force": _in_force(desk, owner_id, model, provider, at)})


def _in_force(
    desk: _Desk, owner_id: str, model: str | None, provider: str | None, at: datetime | None
) -> dict[str, Any] | None:
    """The price sheet of the model at that moment, or None if no price is known."""
    if model is None:
        return None
    try:
        sheet, _ = desk.services.prices.price(owner_id, model, provider, at)
    except UnknownPriceError:
        return None
    return sheet.dump()


def get_price(desk: _Desk, fields: Fields) -> Answer:
    """Return the price of a model for tenants without prices of their own, and its source."""
    model, provider, at = fields.name("model"), fields.name("provider"), fields.instant("at")
    fields.finish()
    if model is None:
        raise fields.missing("model")
    sheet, moment = desk.services.prices.price(SYSTEM, model, provider, at)
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


def price_history(desk: _Desk, fields: Fields) -> Answer:
    """List the changes of a tenant's prices, the latest first."""
    return _history(desk, fields, fields.optional_tenant() or SYSTEM)


def system_price_history(desk: _Desk, fields: Fields) -> Answer:
    """List the changes of the system's prices, the latest first."""
    return _history(desk, fields, SYSTEM)


def _history(desk: _Desk, fields: Fields, owner_id: str) -> Answer:
    model = fields.name("model")

    def wanted(change: Request) -> bool:
        return is_of_prices(change, model)

    query = ("prices", owner_id, model)
    return Answer(history.page(desk, fields, rules_key(owner_id), query, wanted))


def _one(done: SetPrice, owner_id: str) -> dict[str, Any]:
    shown = _price(done.price, "system" if owner_id == SYSTEM else "tenant")
    tenant_id = None if owner_id == SYSTEM else owner_id
    return {"tenant_id": tenant_id, **shown, "version": done.version, "replayed": done.replayed}


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
