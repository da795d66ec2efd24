"""Grants: prepaid parts of a limit. The soonest to expire is spent first; what is left then lapses.

A budget's account only counts what is spent in all. A tally says how that was spread over the
grants at one moment, and later spend is spread from there on. At each expiry the tally is fixed
once, so what an expired grant keeps in the limit is exactly what was spent of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.money import ZERO, parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.signers import signed
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """A prepaid amount in USD, until it expires.

    Among grants that expire together the lowest priority is spent first.
    """

    grant_id: str
    amount: Decimal
    by: str
    reason: str
    at: datetime
    expires_at: datetime | None = None
    priority: int = 0
    principal: str | None = None

    def is_in_force(self, at: datetime) -> bool:
        """True if it can be spent at that moment."""
        return self.expires_at is None or at < self.expires_at

    @property
    def rank(self) -> tuple[bool, datetime, int, datetime, str]:
        """The order in which grants are spent."""
        return (
            self.expires_at is None,
            self.expires_at or self.at,
            self.priority,
            self.at,
            self.grant_id,
        )

    def dump(self) -> dict[str, Any]:
        """The grant as plain JSON."""
        return {
            "grant_id": self.grant_id,
            "amount_usd": render(self.amount),
            "by": self.by,
            "reason": self.reason,
            "at": render_instant(self.at),
            "expires_at": render_instant(self.expires_at) if self.expires_at else None,
            "priority": self.priority,
            **signed(self.principal),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Grant":
        """Return what `dump` wrote. Raises KeyError, TypeError, ValueError or ValidationError."""
        expires_at = dumped["expires_at"]
        return cls(
            grant_id=dumped["grant_id"],
            amount=parse_amount(dumped["amount_usd"], "amount_usd"),
            by=dumped["by"],
            reason=dumped["reason"],
            at=parse_instant(dumped["at"], "at"),
            expires_at=parse_instant(expires_at, "expires_at") if expires_at else None,
            priority=int(dumped["priority"]),
            principal=dumped.get("principal"),
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How the spend of a budget was spread over its grants at a moment. Amounts in USD."""

    at: datetime
    spent: Decimal = ZERO
    """The account's spend at that moment."""
    used: Mapping[str, Decimal] = field(default_factory=dict)
    """Spend of each grant, by its id."""
    past: Decimal = ZERO
    """Spend of expired grants that are no longer listed."""

    def used_of(self, grant: Grant) -> Decimal:
        """What is spent of the grant, in USD."""
        return self.used.get(grant.grant_id, ZERO)

    def spread(self, grants: Iterable[Grant], spent: Decimal, at: datetime) -> "Tally":
        """Return the tally at a later moment with this much spent.

        No grant may expire between the two moments, but `at` itself may be an expiry. New spend
        goes to the grants in force in their order, then to the budget's own limit. A correction
        downwards is given back in the opposite order; what is left of it, as it was spent of
        grants that are gone, is used before anything else.
        """
        live = sorted((one for one in grants if one.is_in_force(self.at)), key=lambda g: g.rank)
        change = spent - self.spent
        used = self._taken(live, change) if change > 0 else self._given_back(live, -change)
        return replace(self, at=at, spent=spent, used=used)

    @property
    def _own(self) -> Decimal:
        """What was spent of the budget's own limit; below zero: what gone grants got back."""
        return self.spent - sum(self.used.values(), ZERO) - self.past

    def _taken(self, live: Sequence[Grant], amount: Decimal) -> Mapping[str, Decimal]:
        used, amount = dict(self.used), amount - min(max(-self._own, ZERO), amount)
        for one in live:
            part = min(one.amount - self.used_of(one), amount)
            used[one.grant_id] = self.used_of(one) + part
            amount -= part
        return used

    def _given_back(self, live: Sequence[Grant], amount: Decimal) -> Mapping[str, Decimal]:
        used, amount = dict(self.used), amount - min(max(self._own, ZERO), amount)
        for one in reversed(live):
            part = min(self.used_of(one), amount)
            used[one.grant_id] = self.used_of(one) - part
            amount -= part
        return used

    def without_expired(self, grants: Sequence[Grant], most: int) -> "tuple[Tally, list[Grant]]":
        """The tally and the grants, of which the longest expired are summed up over `most`."""
        oldest = sorted((g for g in grants if not g.is_in_force(self.at)), key=lambda g: g.rank)
        gone = oldest[: max(len(grants) - most, 0)]
        past = self.past + sum((self.used_of(one) for one in gone), ZERO)
        names = {one.grant_id for one in gone}
        used = {name: amount for name, amount in self.used.items() if name not in names}
        kept = [one for one in grants if one.grant_id not in names]
        return replace(self, used=used, past=past), kept

    def dump(self) -> dict[str, Any]:
        """The tally as plain JSON."""
        return {
            "at": render_instant(self.at),
            "spent_usd": render(self.spent),
            "used_usd": {name: render(amount) for name, amount in self.used.items()},
            "past_usd": render(self.past),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Tally":
        """Return what `dump` wrote. Raises KeyError, TypeError, ValueError or ValidationError."""
        return cls(
            at=parse_instant(dumped["at"], "at"),
            spent=_signed(dumped["spent_usd"]),
            used={name: _signed(amount) for name, amount in dumped["used_usd"].items()},
            past=_signed(dumped["past_usd"]),
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """The grants of a budget with their tally."""

    grants: tuple[Grant, ...] = ()
    tally: Tally | None = None

    def granted(self, at: datetime) -> Decimal:
        """What the grants add to the limit at that moment, in USD.

        Those in force add their amount; an expired one adds what is known to be spent of it.
        """
        tally = self.tally or Tally(at)
        parts = (g.amount if g.is_in_force(at) else tally.used_of(g) for g in self.grants)
        return sum(parts, tally.past)

    def expiries(self, now: datetime) -> list[datetime]:
        """Expiries up to now that the tally does not include yet, the earliest first."""
        since = self.tally.at if self.tally else None
        moments = {one.expires_at for one in self.grants if one.expires_at}
        return sorted(m for m in moments if m <= now and (since is None or m > since))

    def left(self, grant: Grant, spent: Decimal, at: datetime) -> Decimal:
        """What is left of a grant, in USD; zero if it expired."""
        if not grant.is_in_force(at):
            return ZERO
        tally = (self.tally or Tally(grant.at)).spread(self.grants, spent, at)
        return grant.amount - tally.used_of(grant)

    def dump(self) -> dict[str, Any]:
        """The balance as plain JSON."""
        return {
            "grants": [one.dump() for one in self.grants],
            "tally": self.tally.dump() if self.tally else None,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any] | None) -> "Balance":
        """Return what `dump` wrote; no grants for budgets that are older than grants."""
        if not dumped:
            return cls()
        tally = dumped["tally"]
        return cls(
            tuple(Grant.load(one) for one in dumped["grants"]), Tally.load(tally) if tally else None
        )


def _signed(amount: object) -> Decimal:
    return parse_amount(amount, "amount_usd", signed=True)
