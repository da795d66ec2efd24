"""Ledger entries: facts about money. Only a quarantined one changes, once: it is decided on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import AccountKey, Move
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import Booking, parse_instant, render_instant, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.units import CALLS, NONE_ASKED, USD, Amounts

COST, ADJUSTMENT = "cost", "adjustment"
LATE, UNRESERVED, LATE_SETTLEMENT = "late", "unreserved", "late_settlement"
FALLBACK_PRICE = "fallback_price"
RELABELLED = "relabelled"
"""Booked where its run stands, which is not where the caller said."""
QUARANTINED = "quarantined"
"""Above the ceiling per entry: it counts in no account, unless a person confirms it."""
CONFIRMED, REJECTED = "confirmed", "rejected"

SETTLEMENT_PREFIX, REPRICE_PREFIX = "settle:", "reprice:"
"""Begin the ids that settlements and repricings get by themselves; callers' ids may not."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person decided about a quarantined cost: who, why and when."""

    state: str
    by: str
    reason: str
    at: datetime
    principal: str | None = None

    def dump(self) -> dict[str, str | None]:
        """The decision as plain JSON."""
        return {
            "state": self.state,
            "by": self.by,
            "reason": self.reason,
            "at": render_instant(self.at),
            "principal": self.principal,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, str]) -> "Review":
        """What `dump` gave."""
        said = {name: dumped[name] for name in ("state", "by", "reason")}
        at = parse_instant(dumped["at"], "at")
        return cls(**said, at=at, principal=dumped.get("principal"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact: a cost, or an adjustment that points at one. Amounts in USD."""

    entry_id: str
    tenant_id: str
    kind: str
    labels: Labels
    amount: Decimal
    booking: Booking
    occurred_at: datetime
    recorded_at: datetime
    request: Request
    tokens: int = 0
    """All tokens, unless the caller counted otherwise."""
    input_tokens: int = 0
    output_tokens: int = 0
    usage: Mapping[str, Any] | None = None
    """What was consumed, as the caller said it."""
    price: Mapping[str, Any] | None = None
    """What the amount was computed from, where it was."""
    reservation_id: str | None = None
    flags: tuple[str, ...] = ()
    adjusts: str | None = None
    reason: str | None = None
    by: str | None = None
    moved: tuple[AccountKey, ...] = ()
    """The accounts that it moved; a rebuild uses these, never today's policy."""
    review: Review | None = None
    """What was decided about it, where it was quarantined."""

    @property
    def quarantined(self) -> bool:
        """Whether it counts in no account: it waits for a decision, or was rejected."""
        return QUARANTINED in self.flags

    @property
    def position(self) -> str:
        """Where it stands in a list: by when it happened, then by when it was recorded."""
        times = (sortable(self.occurred_at), sortable(self.recorded_at))
        return "#".join((*times, self.entry_id))

    @property
    def price_source(self) -> str | None:
        """Where its price comes from, where it was computed."""
        return self.price["source"] if self.price else None

    @property
    def counted(self) -> Amounts:
        """What it adds to its accounts: nothing while it is quarantined."""
        return NONE_ASKED if self.quarantined else self.amounts

    @property
    def amounts(self) -> Amounts:
        """What it cost and consumed. A cost is one call unless its usage says how many."""
        calls = (self.usage or {}).get(CALLS, 1) if self.kind == COST else 0
        return Amounts(self.amount, self.tokens, self.input_tokens, self.output_tokens, calls)

    @property
    def move(self) -> Move:
        """What it adds to each account in USD of `moved`."""
        return self.move_in(USD)

    def move_in(self, unit: str) -> Move:
        """What it adds to each account in `moved` that counts this unit.

        An adjustment is no further entry.
        """
        amount = self.amounts.of(unit)
        return Move(
            spent=amount,
            workflow_spent=ZERO if self.labels.agent_execution_id else amount,
            entries=1 if self.kind == COST else 0,
            tokens=self.tokens,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )
