"""Prices of tools, per call."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount


@dataclass(frozen=True, slots=True)
class ToolPrices:
    """Prices in USD by patterns of tool names; the first that matches counts."""

    prices: tuple[tuple[str, Decimal], ...]

    @classmethod
    def parse(cls, text: str) -> ToolPrices:
        """Read `search___*=0.01,*=0.001`. Raises ValidationError."""
        found = []
        for part in filter(None, (one.strip() for one in text.split(","))):
            pattern, equals, amount = part.rpartition("=")
            if not equals or not pattern.strip():
                raise ValidationError(f"{part} must be a tool's name, =, and USD", "tool_prices")
            found.append((pattern.strip(), parse_amount(amount.strip(), "tool_prices")))
        return cls(tuple(found))

    def of(self, tool: str) -> Decimal | None:
        """Return the price of a call in USD, or None if no pattern matches."""
        return next((usd for pattern, usd in self.prices if fnmatchcase(tool, pattern)), None)
