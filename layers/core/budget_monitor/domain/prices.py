"""Prices: what a unit of usage costs, in USD, where that comes from, and what it makes."""

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
"""Where a price comes from: the published list, or who set it."""
ANY_MODEL = "*"
"""Stands for every model of a provider, in a discount."""
MILLION = 10**6
WHOLE = Decimal(100)
"""Percent."""

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
"""The prices that people set, as requests and answers name them."""


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What `per` units of one kind cost, in USD; more where over so many tokens went in."""

    unit: str
    usd: Decimal
    per: int
    above: tuple[tuple[int, Decimal], ...] = ()

    def at(self, input_tokens: Decimal) -> Decimal:
        """The price in a call into which so many tokens went: it holds for all of them."""
        reached = [usd for start, usd in self.above if input_tokens > start]
        return reached[-1] if reached else self.usd

    def less(self, percent: Decimal) -> "UnitPrice":
        """The same with a discount."""
        share = (WHOLE - percent) / WHOLE
        above = tuple((start, _WIDE.multiply(usd, share)) for start, usd in self.above)
        return replace(self, usd=_WIDE.multiply(self.usd, share), above=above)

    def dump(self) -> dict[str, Any]:
        """The price as plain JSON."""
        tiers = [{"above_input_tokens": start, "usd": render(usd)} for start, usd in self.above]
        return {"unit": self.unit, "usd": render(self.usd), "per": self.per, "tiers": tiers}


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All unit prices of a model, and where they come from."""

    source: str
    version: str
    model: str | None
    provider: str | None
    prices: tuple[UnitPrice, ...]

    @property
    def origin(self) -> dict[str, Any]:
        """Where the prices come from, as plain JSON."""
        return {name: getattr(self, name) for name in ("source", "version", "model", "provider")}

    def dump(self) -> dict[str, Any]:
        """The sheet as plain JSON."""
        return {**self.origin, "unit_prices": [one.dump() for one in self.prices]}


@dataclass(frozen=True, slots=True)
class Line:
    """So many units at a price: one part of a cost."""

    unit: str
    quantity: Decimal
    usd: Decimal
    per: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A computed cost with all that it was computed from, so that it can be again."""

    sheet: PriceSheet
    lines: tuple[Line, ...]
    field: str = "usage"
    """Where the usage was said."""

    @property
    def amount(self) -> Decimal:
        """The cost in USD, rounded once, half-even, at 12 places."""
        whole = lcm(*(line.per for line in self.lines))
        total = Decimal(0)
        for line in self.lines:
            shares = _WIDE.multiply(line.quantity, whole // line.per)
            total = _WIDE.fma(shares, line.usd, total)
        exact = _WIDE.divide(total, Decimal(whole))
        return parse_amount(exact.quantize(_PLACE, context=_WIDE), self.field)

    def dump(self) -> dict[str, Any]:
        """The quote as plain JSON: what an entry or a hold keeps of its price."""
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
    """The prices that people set for one model or tool, in USD; None: no price for that."""

    by_name: Mapping[str, Decimal]

    @property
    def prices(self) -> tuple[UnitPrice, ...]:
        """The same by unit."""
        return tuple(
            UnitPrice(unit, self.by_name[name], per)
            for name, (unit, per) in _RATES.items()
            if name in self.by_name
        )

    def dump(self) -> dict[str, str | None]:
        """The prices by their names in requests and answers."""
        return {
            name: render(self.by_name[name]) if name in self.by_name else None for name in RATES
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Rates":
        """What `dump` gave."""
        return cls({k: parse_amount(dumped[k], k) for k in RATES if dumped.get(k) is not None})


def line_of(model: str, provider: str | None) -> tuple[str, str | None]:
    """The name under which prices stand in line with each other, one moment after another."""
    return model.casefold(), provider and provider_name(provider)


@dataclass(frozen=True, slots=True)
class Price:
    """A price that people set for a model from a moment on: rates, a discount, or none of ours."""

    model: str
    provider: str | None
    since: datetime
    rates: Rates | None
    discount: Decimal | None
    """Percent off the published price."""
    by: str
    reason: str
    version: int
    """Of the rules that it came with."""

    @property
    def name(self) -> tuple[str, str | None]:
        """The line in which it stands."""
        return line_of(self.model, self.provider)

    @property
    def ends(self) -> bool:
        """Whether from then on the published price holds again."""
        return self.rates is None and self.discount is None

    def dump(self) -> dict[str, Any]:
        """The price as plain JSON."""
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
        """What `dump` gave. Raises KeyError, TypeError, ValueError or ValidationError."""
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
    """The last price of each line, by the line's name."""
    return {one.name: one for one in sorted(prices, key=lambda price: price.since)}


def in_force(
    prices: Sequence[Price], models: Sequence[str], providers: Sequence[str], at: datetime
) -> Price | None:
    """The price for the model at that moment: of its provider before any, of it before all.

    `models` and `providers` are the call's names for them, the closest first.
    """
    if not prices:
        return None
    known = latest(one for one in prices if one.since <= at)
    wanted = [line_of(model, one) for model in models for one in (*providers, None)]
    wanted += [line_of(ANY_MODEL, one) for one in providers]
    found = (known[name] for name in wanted if name in known)
    return next((one for one in found if not one.ends), None)
