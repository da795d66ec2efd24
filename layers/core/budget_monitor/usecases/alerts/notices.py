"""What people are told of decisions: stored here, sent by the alerting function."""

import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from budget_monitor.domain.accounting.accounts import (
    EXECUTION,
    MODEL,
    SYSTEM,
    SYSTEM_SCOPE,
    TENANT,
    WORKFLOW,
)
from budget_monitor.domain.alerts.alerts import (
    BLOCKED,
    COST_QUARANTINED,
    COST_RELABELLED,
    HOLD_EXPIRED,
    PRICE_GUESSED,
    RECONCILE_DIFFERENCE,
    WORKFLOW_PAUSED,
    WORKFLOW_RESUMED,
    Alert,
)
from budget_monitor.domain.costs.ledger import FALLBACK_PRICE, RELABELLED, Entry
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.decisions import Standing, Verdict
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import MINUTE, RUN, day_of, render_instant
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.units import named
from budget_monitor.domain.workflows import WorkflowState
from budget_monitor.ports import Store

_REMEMBERED, _NAMED = 1000, 20

logger = logging.getLogger(__name__)


class Notices:
    """Stores alerts beside what was decided. One that cannot be stored changes no decision."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: set[str] = set()

    def tell(self, alert: Alert) -> None:
        """Store it, unless it was before. It is sent by a schedule."""
        if alert.alert_id in self._told:
            return
        try:
            self._store.commit(Transaction(alerts=(alert,)))
        except UnavailableError:
            logger.exception("an alert could not be stored: %s %s", alert.kind, alert.alert_id)
            return
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told.add(alert.alert_id)

    def tell_of(self, entry: Entry, at: datetime) -> None:
        """Tell whoever watches of a guessed price, and of a run that stands elsewhere."""
        if FALLBACK_PRICE in entry.flags:
            self.tell(guessed_price(entry, at))
        if RELABELLED in entry.flags:
            self.tell(relabelled(entry, at))


def blocked(
    tenant_id: str, standing: Standing, verdict: Verdict, owner: str | None, at: datetime
) -> Alert | None:
    """The first refusal of a budget in a period. Runs and rates are refused routinely."""
    gate, limit = standing.gate, standing.budget.limit
    is_routine = gate.account.period == RUN or standing.budget.period == MINUTE
    if is_routine and not standing.budget.thresholds:
        return None
    unit, totals = gate.unit, standing.totals
    return Alert(
        tenant_id=tenant_id,
        kind=BLOCKED,
        once=(str(gate.account), standing.budget.budget_id, render(limit or standing.asked * 0)),
        at=at,
        scope=standing.budget.scope,
        scope_id=gate.scope_id,
        period=gate.account.period,
        facts={
            "budget_id": standing.budget.budget_id,
            "unit": unit,
            **named(unit, limit=limit, spent=totals.spent, held=totals.held, asked=standing.asked),
            "action": verdict.action,
            "reason": verdict.reason,
            "unblock": verdict.unblock,
            "resets_at": render_instant(gate.resets_at) if gate.resets_at else None,
            "owner": owner,
        },
    )


def of_run(
    name: DocumentKey, before: WorkflowState, after: WorkflowState, at: datetime
) -> tuple[Alert, ...]:
    """What people are told when a workflow is paused or resumed."""
    if before.paused == after.paused:
        return ()
    kind = WORKFLOW_PAUSED if after.paused else WORKFLOW_RESUMED
    facts = {
        "pause_id": after.pauses,
        "by": after.by,
        "reason": after.reason,
        "limit_usd": None if after.limit is None else render(after.limit),
        "waiting": len(before.waiting),
    }
    once = (name.name, str(after.pauses))
    return (Alert(name.tenant_id, kind, once, at, WORKFLOW, name.name, facts=facts),)


def expired(reservation: Reservation, at: datetime) -> Alert:
    """That a tenant's hold expired unsettled: the first of the day."""
    hold, day = reservation.hold, day_of(at, "UTC")
    facts = {
        "reservation_id": hold.reservation_id,
        "amount_usd": render(hold.amount),
        **{name: value for name, value in hold.labels.public().items() if value},
    }
    return Alert(hold.tenant_id, HOLD_EXPIRED, (day,), at, TENANT, hold.tenant_id, day, facts)


def differing(owner_id: str, month: str, accounts: Sequence[str], at: datetime) -> Alert:
    """That accounts are not what the ledger says; once for the same ones."""
    once = (month, sha256("\n".join(accounts).encode()).hexdigest())
    facts = {"differences": len(accounts), "accounts": list(accounts[:_NAMED])}
    scope = SYSTEM_SCOPE if owner_id == SYSTEM else TENANT
    named = SYSTEM_SCOPE if owner_id == SYSTEM else owner_id
    return Alert(owner_id, RECONCILE_DIFFERENCE, once, at, scope, named, month, facts)


def guessed_price(entry: Entry, at: datetime) -> Alert:
    """That a model had no price but the tenant's fallback: the first of a month."""
    model, month = entry.labels.model or "a cost without a model", entry.booking.month
    facts = {
        "provider": entry.labels.provider,
        "entry_id": entry.entry_id,
        "cost_usd": render(entry.amount),
        "occurred_at": render_instant(entry.occurred_at),
    }
    once = (model.casefold(), month)
    return Alert(entry.tenant_id, PRICE_GUESSED, once, at, MODEL, model, month, facts)


def quarantined(entry: Entry, ceiling: Decimal | None, owner: str | None, at: datetime) -> Alert:
    """That a cost is above the ceiling per entry and counts nowhere until a person decides."""
    facts = {
        "entry_id": entry.entry_id,
        "cost_usd": render(entry.amount),
        "most_per_entry_usd": None if ceiling is None else render(ceiling),
        "reservation_id": entry.reservation_id,
        "occurred_at": render_instant(entry.occurred_at),
        "owner": owner,
        **{name: value for name, value in entry.labels.public().items() if value},
    }
    name, month = entry.tenant_id, entry.booking.month
    return Alert(name, COST_QUARANTINED, (entry.entry_id,), at, TENANT, name, month, facts)


def relabelled(entry: Entry, at: datetime) -> Alert:
    """That a run's cost is booked elsewhere than its caller said: the first of the run."""
    run, said = entry.labels.agent_execution_id or "", entry.request
    facts = {
        "entry_id": entry.entry_id,
        "cost_usd": render(entry.amount),
        "workflow_execution_id": entry.labels.workflow_execution_id,
        "parent_execution_id": entry.labels.parent_execution_id,
        "said_workflow_execution_id": said.get("workflow_execution_id"),
        "said_parent_execution_id": said.get("parent_execution_id"),
    }
    return Alert(entry.tenant_id, COST_RELABELLED, (run,), at, EXECUTION, run, facts=facts)
