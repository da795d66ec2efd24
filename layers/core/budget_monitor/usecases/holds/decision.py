"""Commands and answers of `check` and `reserve`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.decisions import Verdict
from budget_monitor.domain.holds.reservations import RETURN, Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Origin
from budget_monitor.usecases.prices.spent import Spent


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask whether these labels may spend an estimated cost, given in USD or as usage."""

    tenant_id: str
    labels: Labels
    estimate: Spent
    wrap_up: bool = False
    """True if it may use the share that budgets keep for wrapping up."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold the estimated cost for the time `life`, under the caller's own id."""

    ask: Ask
    reservation_id: str
    life: timedelta
    request: Request
    include_gates: bool = True
    key: IdempotencyKey | None = None
    """Idempotency key of the request, or None."""
    on_expiry: str = RETURN
    """What happens at expiry: the money is returned, or the hold is settled at its estimate."""
    principal: str | None = None
    """The signer of the request, if there is one."""
    may_repeat: bool = True
    """True if it may be a retry: the caller gave an id or a key."""

    def known_as(self, stored: Request | None) -> "Reserve":
        """Return the command with the reservation id stored for its key; unchanged without one."""
        if stored is None:
            return self
        return replace(self, reservation_id=stored["reservation_id"], key=None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A cheaper model that would be granted now, and its largest output."""

    model: str
    max_output_tokens: int | None
    """None if the estimate has no output tokens."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Answer of `check` and `reserve`; a refusal is a normal answer, not an error.

    `standings` is None if they were not requested or could not be read.
    """

    verdict: Verdict
    origin: Origin
    standings: tuple[Standing, ...] | None = None
    status: Standing | None = None
    reservation: Reservation | None = None
    replayed: bool = False
    pause_id: int | None = None
    """Number of the workflow's current pause, or None."""
    request_id: str | None = None
    """Id of the request for more limit that a budget with the action `ask` made, or None."""
    quote: Mapping[str, Any] | None = None
    """The prices that the estimate was computed from; None if the cost was given."""
    matched: tuple[str, ...] = ()
    """Ids of the budgets that apply to the request, the narrowest first."""
    max_output_tokens: int | None = None
    """The most output tokens that would be granted now, for an estimate by usage."""
    suggestion: Suggestion | None = None

    @property
    def refused_by_month(self) -> bool:
        """True if a month's gate refuses."""
        of_budget = (
            one
            for one in self.standings or ()
            if one.budget.budget_id == self.verdict.budget_id and not one.allowed
        )
        return any(one.of_month for one in of_budget)

    @property
    def would_block(self) -> list[str]:
        """Ids of the shadow budgets that would have refused."""
        if self.reservation:
            return list(self.reservation.would_block)
        named = (one.budget.budget_id for one in self.standings or () if one.would_block)
        return list(dict.fromkeys(named))
