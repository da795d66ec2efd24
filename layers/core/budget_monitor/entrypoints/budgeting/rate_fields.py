"""Read prices from requests, in USD."""

from decimal import Decimal

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices import ANY_MODEL, RATES, WHOLE, Rates
from budget_monitor.entrypoints.door.fields import Fields

_INPUT = "input_usd_per_million"


def read_rates(fields: Fields) -> Rates:
    """The unit prices of the request. A price of zero counts as given."""
    given = {name: fields.optional_amount(name) for name in RATES}
    rates = Rates({name: price for name, price in given.items() if price is not None})
    for name in rates.by_name:
        if name.startswith("cache_") and _INPUT not in rates.by_name:
            raise ValidationError(f"{fields.path(name)} needs {_INPUT}", fields.path(_INPUT))
    return rates


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
