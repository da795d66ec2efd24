"""Price sheets and quotes: unit prices in USD, and what a usage costs by them."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import lcm
from typing import Any

from budget_monitor.domain.money import PLACES, parse_amount, render
from budget_monitor.domain.values import dataclass

LIST, SYSTEM_SOURCE, TENANT_SOURCE, FALLBACK = "genai-prices", "system", "tenant", "fallback"
PROVIDER_SOURCE = "provider"
"""Where a price comes from: the published list, the person who set it, or the provider's bill."""
MILLION = 10**6
WHOLE = Decimal(100)
"""Percent."""

_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_PLACE = Decimal(1).scaleb(-PLACES)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """Price of `per` units of one kind, in USD; it can be higher above an input size."""

    unit: str
    usd: Decimal
    per: int
    above: tuple[tuple[int, Decimal], ...] = ()

    def at(self, input_tokens: Decimal) -> Decimal:
        """Return the price in a call with this many input tokens. It applies to the whole call."""
        reached = [usd for start, usd in self.above if input_tokens > start]
        return reached[-1] if reached else self.usd

    def less(self, percent: Decimal) -> "UnitPrice":
        """Return the price with a discount."""
        return self.times((WHOLE - percent) / WHOLE)

    def times(self, share: Decimal) -> "UnitPrice":
        """Return the price multiplied by a factor."""
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
    terms: tuple[tuple[str, str], ...] = ()
    """The terms that the prices are for; empty for the standard ones."""
    dated: str | None = None
    """The date of the published data; None for set prices."""

    @property
    def origin(self) -> dict[str, Any]:
        """Where the prices come from, as plain JSON."""
        plain = {name: getattr(self, name) for name in ("source", "version", "model", "provider")}
        plain |= {"dated": self.dated} if self.dated else {}
        return plain | ({"terms": dict(self.terms)} if self.terms else {})

    def dump(self) -> dict[str, Any]:
        """The sheet as plain JSON."""
        return {**self.origin, "unit_prices": [one.dump() for one in self.prices]}


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a cost: a quantity at a unit price."""

    unit: str
    quantity: Decimal
    usd: Decimal
    per: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A computed cost with everything needed to compute it again."""

    sheet: PriceSheet
    lines: tuple[Line, ...]
    field: str = "usage"
    """The request's field with the usage."""

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
        """The quote as plain JSON, as an entry or a hold stores it."""
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
