"""Rollover: what is left of a budget's month adds to its next month, up to a bound."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from budget_monitor.domain.money import ZERO, parse_amount, render
from budget_monitor.domain.periods import parse_month
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Rollover:
    """The most that a month carries into the next, in USD, and the first month that carries."""

    most: Decimal
    since: str

    def carried(self, limit: Decimal, carried: Decimal, committed: Decimal) -> Decimal:
        """What is carried into the next month from one with this limit, carry-over and spend.

        Raises of the limit are for their month alone and do not go over.
        """
        return min(self.most, max(limit + carried - committed, ZERO))

    def dump(self) -> dict[str, Any]:
        """The rule as plain JSON."""
        return {"most_usd": render(self.most), "since": self.since}

    @classmethod
    def load(cls, dumped: Mapping[str, Any] | None) -> "Rollover | None":
        """What `dump` gave, or None."""
        if not dumped:
            return None
        most = parse_amount(dumped["most_usd"], "most_usd")
        return cls(most, parse_month(dumped["since"], "since"))


def month_after(month: str) -> str:
    """The name of the next month."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def months_between(first: str, last: str) -> list[str]:
    """The names of the months after `first`, up to and with `last`."""
    found = list[str]()
    while first < last:
        first = month_after(first)
        found.append(first)
    return found
