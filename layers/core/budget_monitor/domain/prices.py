"""Prices: USD per unit of usage, their source, and the cost computed from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import lcm
from typing import Any

from budget_monitor.domain.costs.usage import (
    CACHE_READ,
    CACHE_WRITE,
    CACHE_WRITE_1H,
    CALLS,
    INPUT,
    OUTPUT,
    SECONDS,
    WEB_SEARCHES,
    provider_name,
)
from budget_monitor.domain.money import PLACES, parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant

LIST, SYSTEM_SOURCE, TENANT_SOURCE, FALLBACK = "genai-prices", "system", "tenant", "fallback"
"""Sources of a price: the published list, the system, the tenant, or the fallback price."""
ANY_MODEL = "*"
"""Any model of a provider, in a discount."""
MILLION = 10**6
WHOLE = Decimal(100)
"""100 percent."""

_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_PLACE = Decimal(1).scaleb(-PLACES)
_RATES = {
    "input_usd_per_million": (INPUT, MILLION),
    "output_usd_per_million": (OUTPUT, MILLION),
    "cache_read_usd_per_million": (CACHE_READ, MILLION),
    "cache_write_usd_per_million": (CACHE_WRITE, MILLION),
    "cache_write_1h_usd_per_million": (CACHE_WRITE_1H, MILLION),
    "call_usd": (CALLS, 1),
    "second_usd": (SECONDS, 1),
    "web_search_usd": (WEB_SEARCHES, 1),
}
RATES = tuple(_RATES)
"""Names of the prices that can be set, as in requests and answers."""


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """USD for `per` units of one kind. `above` has prices for calls with many input tokens."""

    unit: str
    usd: Decimal
    per: int
    above: tuple[tuple[int, Decimal], ...] = ()

    def at(self, input_tokens: Decimal) -> Decimal:
        """Return the price in USD for all units of a call with this many input tokens."""
        reached = [usd for start, usd in self.above if input_tokens > start]
        return reached[-1] if reached else self.usd

    def less(self, percent: Decimal) -> "UnitPrice":
        """Return the price with a discount in percent."""
        share = (WHOLE - percent) / WHOLE
        above = tuple((start, _WIDE.multiply(usd, share)) for start, usd in self.above)
        return replace(self, usd=_WIDE.multiply(self.usd, share), above=above)

    def dump(self) -> dict[str, Any]:
        """Return the price as plain JSON."""
        tiers = [{"above_input_tokens": start, "usd": render(usd)} for start, usd in self.above]
        return {"unit": self.unit, "usd": render(self.usd), "per": self.per, "tiers": tiers}


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All unit prices of a model, and their source."""

    source: str
    version: str
    model: str | None
    provider: str | None
    prices: tuple[UnitPrice, ...]

    @property
    def origin(self) -> dict[str, Any]:
        """Return the source of the prices as plain JSON."""
        return {name: getattr(self, name) for name in ("source", "version", "model", "provider")}

    def dump(self) -> dict[str, Any]:
        """Return the sheet as plain JSON."""
        return {**self.origin, "unit_prices": [one.dump() for one in self.prices]}


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a cost: a quantity of units at a price in USD for `per` units."""

    unit: str
    quantity: Decimal
    usd: Decimal
    per: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A computed cost with all its inputs, so that it can be computed again."""

    sheet: PriceSheet
    lines: tuple[Line, ...]
    field: str = "usage"
    """The request field of the usage."""

    @property
    def amount(self) -> Decimal:
        """Return the cost in USD, rounded once, half-even, to 12 decimal places."""
        whole = lcm(*(line.per for line in self.lines))
        total = Decimal(0)
        for line in self.lines:
            shares = _WIDE.multiply(line.quantity, whole // line.per)
            total = _WIDE.fma(shares, line.usd, total)
        exact = _WIDE.divide(total, Decimal(whole))
        return parse_amount(exact.quantize(_PLACE, context=_WIDE), self.field)

    def dump(self) -> dict[str, Any]:
        """Return the quote as plain JSON, as entries and holds store it."""
        return {
            **self.sheet.origin,
            "lines": [
                {
                    "unit": line.unit,
                    "quantity": render(line.quantity),
                    "usd": render(line.usd),
                    "per": line.per,
                }
                for line in self.lines
            ],
        }


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices in USD that were set for one model or tool, by name. Unset prices are missing."""

    by_name: Mapping[str, Decimal]

    @property
    def prices(self) -> tuple[UnitPrice, ...]:
        """Return the prices by unit."""
        return tuple(
            UnitPrice(unit, self.by_name[name], per)
            for name, (unit, per) in _RATES.items()
            if name in self.by_name
        )

    def dump(self) -> dict[str, str | None]:
        """Return the prices by their names in requests and answers; None if unset."""
        return {
            name: render(self.by_name[name]) if name in self.by_name else None for name in RATES
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Rates":
        """Return the rates from the output of `dump`."""
        return cls({k: parse_amount(dumped[k], k) for k in RATES if dumped.get(k) is not None})


def line_of(model: str, provider: str | None) -> tuple[str, str | None]:
    """Return the key of a price history: later prices with the same key replace earlier ones."""
    return model.casefold(), provider and provider_name(provider)


@dataclass(frozen=True, slots=True)
class Price:
    """A price set for a model from an instant on: rates, a discount, or neither (it `ends`)."""

    model: str
    provider: str | None
    since: datetime
    rates: Rates | None
    discount: Decimal | None
    """Percent off the published price."""
    by: str
    reason: str
    version: int
    """Version of the rules that set it."""

    @property
    def name(self) -> tuple[str, str | None]:
        """Return the key of its price history."""
        return line_of(self.model, self.provider)

    @property
    def ends(self) -> bool:
        """True if the published price applies again from `since` on."""
        return self.rates is None and self.discount is None

    def dump(self) -> dict[str, Any]:
        """Return the price as plain JSON."""
        return {
            "model": self.model,
            "provider": self.provider,
            "from": render_instant(self.since),
            **(self.rates or Rates({})).dump(),
            "discount_percent": None if self.discount is None else render(self.discount),
            "ends": self.ends,
            "by": self.by,
            "reason": self.reason,
            "version": self.version,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Price":
        """Return the price from the output of `dump`.

        Raises KeyError, TypeError, ValueError or ValidationError if it is damaged.
        """
        rates, off = Rates.load(dumped), dumped["discount_percent"]
        discount = None if off is None else parse_amount(off, "discount_percent")
        if discount is not None and (rates.by_name or discount > WHOLE):
            raise ValueError("no discount")
        if not isinstance(dumped["model"], str) or not isinstance(dumped["provider"], str | None):
            raise TypeError("not a price")
        return cls(
            model=dumped["model"],
            provider=dumped["provider"],
            since=parse_instant(dumped["from"], "from"),
            rates=rates if rates.by_name else None,
            discount=discount,
            by=dumped["by"],
            reason=dumped["reason"],
            version=dumped["version"],
        )


def latest(prices: Iterable[Price]) -> dict[tuple[str, str | None], Price]:
    """Return the latest price of each price history, by its key."""
    return {one.name: one for one in sorted(prices, key=lambda price: price.since)}


def in_force(
    prices: Sequence[Price], models: Sequence[str], providers: Sequence[str], at: datetime
) -> Price | None:
    """Return the price for the model at that instant, or None.

    A price for the provider's model comes before one for the model at any provider, and that
    before one for all models of the provider. `models` and `providers` are the call's names for
    them, the closest first.
    """
    if not prices:
        return None
    known = latest(one for one in prices if one.since <= at)
    wanted = [line_of(model, one) for model in models for one in (*providers, None)]
    wanted += [line_of(ANY_MODEL, one) for one in providers]
    found = (known[name] for name in wanted if name in known)
    return next((one for one in found if not one.ends), None)
