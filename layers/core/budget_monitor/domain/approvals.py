"""Requests for more limit: what a run asked for, and how people answered. One answer at most."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    WORKFLOW,
    AccountKey,
    execution_key,
    workflow_key,
)
from budget_monitor.domain.accounting.labels import Labels, key
from budget_monitor.domain.documents import DocumentKey, Place
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import RUN, parse_instant, render_instant, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.budgets import Budget

REQUEST, SLOT = "request", "request-slot"
OPEN, APPROVED, DENIED, EXPIRED = "open", "approved", "denied", "expired"
STATES = (OPEN, APPROVED, DENIED, EXPIRED)
DEFAULT_LIFE, MAX_LIFE = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Target:
    """The budget whose limit is to be raised, as it stood when the request was made. USD."""

    budget_id: str
    scope: str
    scope_id: str
    kind: str
    """The budget's kind of period, such as `month`."""
    period: str
    """The name of its period then, such as `2026-11`."""
    limit: Decimal
    spent: Decimal
    held: Decimal

    @property
    def of_run(self) -> bool:
        """True if the limit is that of one execution or workflow."""
        return self.kind == RUN

    def run(self, tenant_id: str) -> AccountKey:
        """Account of the execution or workflow, for a budget of single runs."""
        return (workflow_key if self.scope == WORKFLOW else execution_key)(tenant_id, self.scope_id)

    def is_still(self, budget: Budget, period: str) -> bool:
        """True if the budget limits the same thing in the same period."""
        return (budget.scope, budget.period, period) == (self.scope, self.kind, self.period)

    def dump(self) -> dict[str, Any]:
        """Return the target as plain JSON, as answers show it."""
        return {
            "budget_id": self.budget_id,
            "scope": self.scope,
            "scope_id": self.scope_id,
            "period": self.period,
            "limit_usd": render(self.limit),
            "spent_usd": render(self.spent),
            "held_usd": render(self.held),
            "available_usd": render(self.limit - self.spent - self.held),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any], kind: str) -> "Target":
        """Return the target that `dump` wrote. Raises KeyError, TypeError or ValueError."""
        names = ("limit", "spent", "held")
        limit, spent, held = (parse_amount(dumped[f"{one}_usd"], one) for one in names)
        return cls(
            budget_id=dumped["budget_id"],
            scope=dumped["scope"],
            scope_id=dumped["scope_id"],
            kind=kind,
            period=dumped["period"],
            limit=limit,
            spent=spent,
            held=held,
        )


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the name given, the authenticated caller, and the user of the labels."""

    by: str | None
    principal: str | None
    user: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """All names by which the asker is known."""
        return tuple(one for one in (self.by, self.principal, self.user) if one)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended: approved, denied or expired."""

    state: str
    at: datetime
    by: str | None = None
    reason: str | None = None
    principal: str | None = None
    amount: Decimal | None = None
    """By how much the limit was raised, in USD."""
    raise_id: str | None = None
    """The raise of the budget; None if the run got a limit of its own."""
    own_limit: Decimal | None = None
    """The run's own limit from then on, in USD."""

    def dump(self) -> dict[str, Any]:
        """Return the outcome as plain JSON, as answers show it."""
        return {
            "state": self.state,
            "at": render_instant(self.at),
            "by": self.by,
            "reason": self.reason,
            "principal": self.principal,
            "amount_usd": _dump(self.amount),
            "raise_id": self.raise_id,
            "own_limit_usd": _dump(self.own_limit),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Outcome":
        """Return the outcome that `dump` wrote. Raises KeyError, TypeError or ValueError."""
        return cls(
            state=dumped["state"],
            at=parse_instant(dumped["at"], "at"),
            by=dumped["by"],
            reason=dumped["reason"],
            principal=dumped["principal"],
            amount=_load(dumped["amount_usd"]),
            raise_id=dumped["raise_id"],
            own_limit=_load(dumped["own_limit_usd"]),
        )


@dataclass(frozen=True, slots=True)
class RaiseRequest:
    """A run's request for more limit of one budget."""

    tenant_id: str
    request_id: str
    target: Target
    labels: Labels
    amount: Decimal
    reason: str
    asker: Asker
    created_at: datetime
    expires_at: datetime
    request: Request
    """The canonical request, to recognise a retry."""
    outcome: Outcome | None = None

    @property
    def document(self) -> DocumentKey:
        """Key of the document that stores it."""
        return request_key(self.tenant_id, self.request_id)

    @property
    def slot(self) -> DocumentKey:
        """Key of the document that names the latest request of this run for this budget."""
        run = (self.labels.agent_execution_id or "", self.labels.workflow_execution_id or "")
        return DocumentKey(self.tenant_id, SLOT, key(*run, self.target.budget_id))

    @property
    def version(self) -> int:
        """Version of its document: 1 while it is open, 2 with its outcome."""
        return 1 if self.outcome is None else 2

    @property
    def place(self) -> Place:
        """Its place in the tenant's list of requests in this state."""
        state = self.outcome.state if self.outcome else OPEN
        position = f"{sortable(self.created_at)}#{self.request_id}"
        return Place(request_list(self.tenant_id, state), position)

    def state_at(self, now: datetime) -> str:
        """Its state; an overdue one is `expired` even before its document says so."""
        if self.outcome:
            return self.outcome.state
        return EXPIRED if now >= self.expires_at else OPEN

    def ended(self, outcome: Outcome) -> "RaiseRequest":
        """Return the request with its outcome."""
        return replace(self, outcome=outcome)

    def expired(self) -> "RaiseRequest":
        """Return the request as expired at its end."""
        return self.ended(Outcome(EXPIRED, self.expires_at))

    def dump(self) -> dict[str, Any]:
        """Return the request as plain JSON, without its key."""
        asker = self.asker
        return {
            "target": self.target.dump(),
            "kind": self.target.kind,
            "labels": self.labels.dump(),
            "amount_usd": render(self.amount),
            "reason": self.reason,
            "by": asker.by,
            "principal": asker.principal,
            "user": asker.user,
            "created_at": render_instant(self.created_at),
            "expires_at": render_instant(self.expires_at),
            "request": dict(self.request),
            "outcome": self.outcome.dump() if self.outcome else None,
        }

    @classmethod
    def load(cls, document: DocumentKey, dumped: Mapping[str, Any]) -> "RaiseRequest":
        """Return the request that `dump` wrote. Raises KeyError, TypeError or ValueError."""
        outcome = dumped["outcome"]
        return cls(
            tenant_id=document.tenant_id,
            request_id=document.name,
            target=Target.load(dumped["target"], dumped["kind"]),
            labels=Labels.load(dumped["labels"]),
            amount=parse_amount(dumped["amount_usd"], "amount_usd"),
            reason=dumped["reason"],
            asker=Asker(dumped["by"], dumped["principal"], dumped["user"]),
            created_at=parse_instant(dumped["created_at"], "created_at"),
            expires_at=parse_instant(dumped["expires_at"], "expires_at"),
            request=dumped["request"],
            outcome=None if outcome is None else Outcome.load(outcome),
        )


def request_key(tenant_id: str, request_id: str) -> DocumentKey:
    """Key of the document that stores a request."""
    return DocumentKey(tenant_id, REQUEST, request_id)


def request_list(tenant_id: str, state: str) -> str:
    """Name of the list of a tenant's requests in this state."""
    return key(tenant_id, REQUEST, state)


def _dump(amount: Decimal | None) -> str | None:
    return None if amount is None else render(amount)


def _load(dumped: str | None) -> Decimal | None:
    return None if dumped is None else parse_amount(dumped, "amount_usd")
