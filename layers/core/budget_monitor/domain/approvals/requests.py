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
from budget_monitor.domain.approvals.outcomes import (
    APPROVED,
    DENIED,
    EXPIRED,
    OPEN,
    Approval,
    Outcome,
)
from budget_monitor.domain.documents import DocumentKey, Place
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import RUN, parse_instant, render_instant, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.budgets import Budget

REQUEST, SLOT = "request", "request-slot"
STATES = (OPEN, APPROVED, DENIED, EXPIRED)
_MOMENTS = ("escalates_at", "escalated_at", "times_out_at")
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
    refused: Decimal | None = None
    """The amount of the request that a budget refused, in USD; None: the run asked by itself."""
    forecast: Request | None = None
    """What the run spent so far and at which pace, as plain JSON; None: it spent nothing."""
    approvals: tuple[Approval, ...] = ()
    """First approvals that wait for a second approver, the oldest first."""
    escalates_at: datetime | None = None
    """When further people are alerted; None: never."""
    escalated_at: datetime | None = None
    times_out_at: datetime | None = None
    """When the authority's default decides; None: it expires without a decision."""
    version: int = 1
    """Version of its document: one for each thing that happened to it."""

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
    def ends_at(self) -> datetime | None:
        """When a schedule must handle it next; None: it has its outcome."""
        if self.outcome:
            return None
        escalates = None if self.escalated_at else self.escalates_at
        return min(one for one in (escalates, self.times_out_at, self.expires_at) if one)

    @property
    def place(self) -> Place:
        """Its place in the tenant's list of requests in this state."""
        state = self.outcome.state if self.outcome else OPEN
        position = f"{sortable(self.created_at)}#{self.request_id}"
        return Place(request_list(self.tenant_id, state), position)

    def state_at(self, now: datetime) -> str:
        """Return its state. An overdue request is `expired` even before its document says so."""
        if self.outcome:
            return self.outcome.state
        return EXPIRED if now >= self.expires_at else OPEN

    def ended(self, outcome: Outcome) -> "RaiseRequest":
        """Return the request with its outcome."""
        return self._changed(outcome=outcome)

    def approved_by(self, approval: Approval) -> "RaiseRequest":
        """Return the open request with one more approval."""
        return self._changed(approvals=(*self.approvals, approval))

    def escalated(self, at: datetime) -> "RaiseRequest":
        """Return the open request after further people were alerted."""
        return self._changed(escalated_at=at)

    def without_times(self) -> "RaiseRequest":
        """Return the open request without escalation and default: only its expiry ends it."""
        return self._changed(escalates_at=None, times_out_at=None)

    def _changed(self, **fields: Any) -> "RaiseRequest":
        return replace(self, **fields, version=self.version + 1)

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
            "version": self.version,
            **{name: value for name, value in self._dump_set().items() if value},
        }

    def _dump_set(self) -> dict[str, Any]:
        """Return the fields that only some requests have."""
        moments = {name: getattr(self, name) for name in _MOMENTS}
        return {
            "refused_usd": None if self.refused is None else render(self.refused),
            "forecast": self.forecast,
            "approvals": [one.dump() for one in self.approvals],
            **{name: one and render_instant(one) for name, one in moments.items()},
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
            version=dumped.get("version", 1 if outcome is None else 2),
            refused=_amount(dumped.get("refused_usd")),
            forecast=dumped.get("forecast"),
            approvals=tuple(map(Approval.load, dumped.get("approvals", ()))),
            **{name: _moment(dumped.get(name)) for name in _MOMENTS},
        )


def request_key(tenant_id: str, request_id: str) -> DocumentKey:
    """Key of the document that stores a request."""
    return DocumentKey(tenant_id, REQUEST, request_id)


def request_list(tenant_id: str, state: str) -> str:
    """Name of the list of a tenant's requests in this state."""
    return key(tenant_id, REQUEST, state)


def _amount(dumped: str | None) -> Decimal | None:
    return None if dumped is None else parse_amount(dumped, "refused_usd")


def _moment(dumped: str | None) -> datetime | None:
    return None if dumped is None else parse_instant(dumped, "at")
