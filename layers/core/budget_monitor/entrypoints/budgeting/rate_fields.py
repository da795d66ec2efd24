"""Read prices from requests, in USD."""

from decimal import Decimal

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.rates import (
    ABOVE,
    ALL_RATES,
    CONTEXT_TIERS,
    PERCENT,
    SERVICE_TIERS,
    SURCHARGE,
    ByName,
    Rates,
)
from budget_monitor.domain.prices.set_prices import ANY_MODEL
from budget_monitor.domain.prices.sheets import WHOLE
from budget_monitor.entrypoints.door.fields import Fields

MAX_CONTEXT_TIERS = 5
MAX_PERCENT = Decimal(1000)
TIERS = ("batch", "flex", "priority", "fast", "scale", "us")
"""The service tiers, speeds and places for which a price can be set."""

_INPUT = "input_usd_per_million"


def read_unit_prices(fields: Fields) -> ByName:
    """Return the given unit prices; zero is a price, too."""
    by_name = _by_name(fields)
    for name in by_name:
        if name.startswith("cache_") and _INPUT not in by_name:
            raise ValidationError(f"{fields.path(name)} needs {_INPUT}", fields.path(_INPUT))
    return by_name


def read_rates(fields: Fields) -> Rates:
    """Return unit prices, prices of long calls and of service tiers, and the surcharge."""
    by_name = read_unit_prices(fields)
    surcharge = _percent(fields, SURCHARGE)
    rates = Rates(by_name, _context(fields, by_name), _tiers(fields, by_name), surcharge)
    if not by_name and (rates.context or rates.tiers or surcharge is not None):
        raise fields.missing(_INPUT)
    return rates


def _by_name(fields: Fields) -> dict[str, Decimal]:
    given = {name: fields.optional_amount(name) for name in ALL_RATES}
    return {name: price for name, price in given.items() if price is not None}


def _percent(fields: Fields, name: str) -> Decimal | None:
    percent = fields.optional_amount(name)
    if percent is not None and percent > MAX_PERCENT:
        field = fields.path(name)
        raise ValidationError(f"{field} must be from 0 to {MAX_PERCENT}", field)
    return percent


def _context(fields: Fields, standard: ByName) -> tuple[tuple[int, ByName], ...]:
    """Prices of long calls: each tier names the input tokens above which it holds."""
    if not fields.gives(CONTEXT_TIERS):
        return ()
    tiers, canonical = dict[int, ByName](), []
    for one in fields.each(CONTEXT_TIERS, MAX_CONTEXT_TIERS):
        start, by_name = one.count(ABOVE, 1), _by_name(one)
        if start is None:
            raise one.missing(ABOVE)
        _refuse_alone(one, by_name, standard)
        if start in tiers:
            raise ValidationError(f"{one.path(ABOVE)} is given twice", one.path(ABOVE))
        tiers[start] = by_name
        canonical.append(one.finish())
    fields.canonical[CONTEXT_TIERS] = sorted(canonical, key=lambda one: int(one[ABOVE]))
    return tuple(sorted(tiers.items()))


def _tiers(fields: Fields, standard: ByName) -> dict[str, ByName]:
    """Prices of service tiers: prices of their own, or a percentage of the standard ones."""
    inner = fields.inner(SERVICE_TIERS)
    if inner is None:
        return {}
    tiers = dict[str, ByName]()
    for name in TIERS:
        tier = inner.inner(name)
        if tier is None:
            continue
        by_name, percent = _by_name(tier), _percent(tier, PERCENT)
        if percent is not None and by_name:
            field = tier.path(PERCENT)
            raise ValidationError(f"{field} and unit prices: send one of the two", field)
        _refuse_alone(tier, by_name if percent is None else {}, standard)
        tiers[name] = by_name if percent is None else {PERCENT: percent}
        if not tiers[name]:
            raise tier.missing(_INPUT)
        inner.canonical[name] = tier.finish()
    fields.canonical[SERVICE_TIERS] = inner.finish()
    return tiers


def _refuse_alone(fields: Fields, by_name: ByName, standard: ByName) -> None:
    """Raise ValidationError for a price of a tier that has no standard price."""
    for name in by_name:
        if name not in standard:
            raise ValidationError(f"{fields.path(name)} needs a standard price", fields.path(name))


def read_price(fields: Fields) -> tuple[str, str | None, Rates | None, Decimal | None]:
    """The model, its provider, and its unit prices or its discount in percent."""
    model, provider = fields.name("model"), fields.name("provider")
    rates, discount = read_rates(fields), fields.optional_amount("discount_percent")
    if model is None:
        raise fields.missing("model")
    if not rates.by_name and discount is None:
        raise fields.missing(_INPUT)
    if rates.by_name and discount is not None:
        raise ValidationError(
            "discount_percent and unit prices: send one of the two", "discount_percent"
        )
    if discount is not None and discount > WHOLE:
        raise ValidationError("discount_percent must be from 0 to 100", "discount_percent")
    if model == ANY_MODEL and (discount is None or provider is None):
        raise ValidationError(
            "model * stands for all of a provider's models: it takes a provider and a "
            "discount_percent",
            "provider" if discount is not None else "model",
        )
    return model, provider, rates if rates.by_name else None, discount
