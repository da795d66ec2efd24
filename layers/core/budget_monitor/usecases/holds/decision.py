"""The question whether a run may spend, and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.decisions import Verdict
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.ports.recency import Origin
from budget_monitor.usecases.prices.spent import Spent


@dataclass(frozen=True, slots=True)
class Ask:
    """The question whether these labels may spend an estimated cost, or that of a usage."""

    tenant_id: str
    labels: Labels
    estimate: Spent
    wrap_up: bool = False
    """Whether it may use what budgets reserve for the end of a run's work."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold the asked amount for a while, under the caller's own id."""

    ask: Ask
    reservation_id: str
    life: timedelta
    request: Request
    include_gates: bool = True
    names: IdempotencyKey | None = None
    """The key that names the whole request."""

    def known_as(self, stored: Request | None) -> "Reserve":
        """The order under the id by which its key is known; the same where it is not."""
        if stored is None:
            return self
        return replace(self, reservation_id=stored["reservation_id"], names=None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A cheaper model that would be granted now, and with how much output."""

    model: str
    max_output_tokens: int | None
    """None where the estimate is not by output tokens."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer about money: an answer, not an error. `standings` is None where not asked for."""

    verdict: Verdict
    origin: Origin
    standings: tuple[Standing, ...] | None = None
    status: Standing | None = None
    reservation: Reservation | None = None
    replayed: bool = False
    pause_id: int | None = None
    """The number of the pause that the workflow is in."""
    quote: Mapping[str, Any] | None = None
    """By which prices the cost was estimated, where it was not given."""
    matched: tuple[str, ...] = ()
    """The ids of the budgets that the request meets, the narrowest first."""
    max_output_tokens: int | None = None
    """The most output tokens that would be granted now, for an estimate by usage."""
    suggestion: Suggestion | None = None

    @property
    def refused_by_month(self) -> bool:
        """Whether it is a month's gate that refuses."""
        of_budget = (
            one
            for one in self.standings or ()
            if one.budget.budget_id == self.verdict.budget_id and not one.allowed
        )
        return any(one.of_month for one in of_budget)

    @property
    def would_block(self) -> list[str]:
        """The ids of the shadow budgets that would have refused."""
        if self.reservation:
            return list(self.reservation.would_block)
        named = (one.budget.budget_id for one in self.standings or () if one.would_block)
        return list(dict.fromkeys(named))
