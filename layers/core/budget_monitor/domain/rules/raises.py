"""Raises: temporary changes of a budget's limit."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.signers import signed
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Raise:
    """A temporary change of a limit, in USD: for the named period, or until an instant.

    A negative amount is a temporary decrease.
    """

    raise_id: str
    amount: Decimal
    by: str
    reason: str
    at: datetime
    period: str | None = None
    until: datetime | None = None
    principal: str | None = None

    def applies(self, at: datetime, period: str) -> bool:
        """True if the raise is in force at that instant for an account of this period."""
        return at < self.until if self.until else self.period == period

    def is_over(self, at: datetime, period: str) -> bool:
        """True if the raise has ended. `period` is the current period at that instant."""
        if self.until:
            return at >= self.until
        return self.period is not None and self.period < period

    def dump(self) -> dict[str, Any]:
        """Return the raise as plain JSON."""
        return {
            "raise_id": self.raise_id,
            "amount_usd": render(self.amount),
            "by": self.by,
            "reason": self.reason,
            "at": render_instant(self.at),
            "period": self.period,
            "until": render_instant(self.until) if self.until else None,
            **signed(self.principal),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Raise":
        """Return the raise that `dump` wrote.

        Raises KeyError, TypeError, ValueError or ValidationError for damaged input.
        """
        until = dumped["until"]
        if not isinstance(dumped["period"], str | None):
            raise TypeError("not a raise")
        return cls(
            raise_id=dumped["raise_id"],
            amount=parse_amount(dumped["amount_usd"], "amount_usd", signed=True),
            by=dumped["by"],
            reason=dumped["reason"],
            at=parse_instant(dumped["at"], "at"),
            period=dumped["period"],
            until=parse_instant(until, "until") if until else None,
            principal=dumped.get("principal"),
        )
