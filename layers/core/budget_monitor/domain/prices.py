"""Prices: what a unit of usage costs, in USD."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import PLACES, parse_amount, render

_MILLION = Decimal(10) ** 6
_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_PLACE = Decimal(1).scaleb(-PLACES)


@dataclass(frozen=True, slots=True)
class FallbackPrice:
    """What a tenant's calls cost where no other price is known, in USD per million tokens.

    Cached tokens are part of the input tokens and cost as much, unless they have a price.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None

    def cost(self, usage: Mapping[str, Any]) -> Decimal:
        """The cost of a usage, rounded once, half-even, at 12 places.

        Raises ValidationError on `usage` where more tokens were cached than there were.
        """
        read, written = usage.get("cache_read_tokens", 0), usage.get("cache_write_tokens", 0)
        plain = usage.get("input_tokens", 0) - read - written
        if plain < 0:
            raise ValidationError("usage: cached tokens are part of input_tokens", "usage")
        parts = (
            (plain, self.input),
            (read, self.input if self.cache_read is None else self.cache_read),
            (written, self.input if self.cache_write is None else self.cache_write),
            (usage.get("output_tokens", 0), self.output),
        )
        total = sum((_WIDE.multiply(Decimal(n), price) for n, price in parts), Decimal(0))
        exact = _WIDE.divide(total, _MILLION)
        return parse_amount(exact.quantize(_PLACE, context=_WIDE), "usage")

    def dump(self) -> dict[str, str | None]:
        """The prices by their names in requests and answers."""
        return {
            "input_usd_per_million": render(self.input),
            "output_usd_per_million": render(self.output),
            "cache_read_usd_per_million": _shown(self.cache_read),
            "cache_write_usd_per_million": _shown(self.cache_write),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "FallbackPrice":
        """What `dump` gave."""
        read, written = dumped["cache_read_usd_per_million"], dumped["cache_write_usd_per_million"]
        return cls(
            parse_amount(dumped["input_usd_per_million"], "input_usd_per_million"),
            parse_amount(dumped["output_usd_per_million"], "output_usd_per_million"),
            None if read is None else parse_amount(read, "cache_read_usd_per_million"),
            None if written is None else parse_amount(written, "cache_write_usd_per_million"),
        )


def _shown(price: Decimal | None) -> str | None:
    return None if price is None else render(price)
