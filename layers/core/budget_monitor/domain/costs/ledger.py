"""Ledger entries: immutable facts. The one exception: a quarantined entry is reviewed once."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import AccountKey, Move
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import Booking, parse_instant, render_instant, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.units import CALLS, NONE_ASKED, USD, Amounts
from budget_monitor.domain.values import dataclass

COST, ADJUSTMENT = "cost", "adjustment"
LATE, UNRESERVED, LATE_SETTLEMENT = "late", "unreserved", "late_settlement"
FALLBACK_PRICE = "fallback_price"
RELABELLED = "relabelled"
"""Booked under the workflow and parent of the run's first use, which the caller did not name."""
QUARANTINED = "quarantined"
"""Above the ceiling per entry: it counts in no account, unless a person confirms it."""
PRICE_DIFFERS = "price_differs"
"""The provider's own cost and ours are further apart than the setting allows."""
ESTIMATED = "estimated"
"""A hold settled at its estimate because the true cost never came."""
BACKFILL = "backfill"
"""Imported by an operator into its own month, after it ended. No present budget counts it."""
FLAGS = (
    *(LATE, UNRESERVED, LATE_SETTLEMENT, FALLBACK_PRICE, PRICE_DIFFERS, QUARANTINED, RELABELLED),
    *(ESTIMATED, BACKFILL),
)
CONFIRMED, REJECTED = "confirmed", "rejected"

SETTLEMENT_PREFIX, REPRICE_PREFIX = "settle:", "reprice:"
"""Prefixes of the ids made for settlements and repricings; ids of callers may not use them."""
TRUE_COST_PREFIX = f"{SETTLEMENT_PREFIX}.true:"
"""Prefix of the ids made for true costs of estimated settlements. No reservation id starts so."""
TRUE_DRAW_PREFIX = f"{SETTLEMENT_PREFIX}.draw:"
"""Prefix of the ids made for true costs of estimated draws."""


@dataclass(frozen=True, slots=True)
class Review:
    """A person's review of a quarantined cost: confirmed or rejected, by whom, why and when."""

    state: str
    by: str
    reason: str
    at: datetime
    principal: str | None = None

    def dump(self) -> dict[str, str | None]:
        """Return the review as plain JSON."""
        return {
            "state": self.state,
            "by": self.by,
            "reason": self.reason,
            "at": render_instant(self.at),
            "principal": self.principal,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, str]) -> "Review":
        """Return the review that `dump` wrote."""
        said = {name: dumped[name] for name in ("state", "by", "reason")}
        at = parse_instant(dumped["at"], "at")
        return cls(**said, at=at, principal=dumped.get("principal"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry: a cost, or an adjustment of a cost. Amounts in USD."""

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
    """Sum of all tokens, unless the caller gave another number."""
    input_tokens: int = 0
    output_tokens: int = 0
    usage: Mapping[str, Any] | None = None
    """Usage as the caller gave it."""
    price: Mapping[str, Any] | None = None
    """The prices that the amount was computed from, if it was computed."""
    call: Mapping[str, str] | None = None
    """For a comparison with the bill: request id, tier, region and the provider's own cost."""
    reservation_id: str | None = None
    flags: tuple[str, ...] = ()
    adjusts: str | None = None
    reason: str | None = None
    by: str | None = None
    principal: str | None = None
    """The signer of the request that booked it; None if it was not signed."""
    moved: tuple[AccountKey, ...] = ()
    """Accounts that it moved. A rebuild uses these, never today's policy."""
    review: Review | None = None
    """Review of a quarantined cost."""

    @property
    def quarantined(self) -> bool:
        """True if it counts in no account: its review is pending, or it was rejected."""
        return QUARANTINED in self.flags

    @property
    def position(self) -> str:
        """Sort key in lists: `occurred_at`, then `recorded_at`, then the id."""
        times = (sortable(self.occurred_at), sortable(self.recorded_at))
        return "#".join((*times, self.entry_id))

    @property
    def booking_position(self) -> str:
        """Sort key by the time of booking, which of a confirmed cost is that of its review."""
        return booking_position(self.review.at if self.review else self.recorded_at, self.entry_id)

    @property
    def price_source(self) -> str | None:
        """Source of the price, or None for a given cost."""
        return self.price["source"] if self.price else None

    @property
    def counted(self) -> Amounts:
        """The amount that it adds to its accounts: zero while it is quarantined."""
        return NONE_ASKED if self.quarantined else self.amounts

    @property
    def amounts(self) -> Amounts:
        """Its amount in each unit. A cost counts as one call unless its usage says how many."""
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


def booking_position(at: datetime, entry_id: str = "") -> str:
    """Return the sort key of an entry booked at that instant; without an id, before all of them."""
    return f"{sortable(at)}#{entry_id}"
