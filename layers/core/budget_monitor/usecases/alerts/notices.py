"""Alerts about requests and changes: stored here, sent by the alerting function."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
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
    FALLBACK_PRICE_USED,
    HOLD_EXPIRED,
    PRICES_OLD,
    RECONCILE_DIFFERENCE,
    WORKFLOW_PAUSED,
    WORKFLOW_RESUMED,
    Alert,
)
from budget_monitor.domain.alerts.alerts import PRICE_DIFFERS as ALERT_PRICE_DIFFERS
from budget_monitor.domain.costs.ledger import FALLBACK_PRICE, PRICE_DIFFERS, RELABELLED, Entry
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.decisions import Verdict
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import MINUTE, RUN, day_of, month_of, render_instant
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.units import amount_fields
from budget_monitor.domain.workflows import WorkflowState
from budget_monitor.ports import Transactions

_MAX_REMEMBERED, _MAX_NAMED = 1000, 20

logger = logging.getLogger(__name__)


class AlertWriter:
    """Stores alerts. A failure is logged and does not change the answer of the request.

    One for a process: it remembers what is stored, so that repeated refusals write nothing.
    """

    def __init__(self, store: Transactions) -> None:
        self._store = store
        self._stored: set[str] = set()

    def store(self, alert: Alert) -> None:
        """Store the alert unless it is stored already. The schedule sends it."""
        if alert.alert_id in self._stored:
            return
        try:
            self._store.commit(Transaction(alerts=(alert,)))
        except UnavailableError:
            logger.exception("an alert could not be stored: %s %s", alert.kind, alert.alert_id)
            return
        if len(self._stored) >= _MAX_REMEMBERED:
            self._stored.clear()
        self._stored.add(alert.alert_id)

    def store_for(self, entry: Entry, at: datetime) -> None:
        """Store alerts for an entry with a fallback price, or booked under another run."""
        if FALLBACK_PRICE in entry.flags:
            self.store(fallback_price_used(entry, at))
        if PRICE_DIFFERS in entry.flags:
            self.store(differing_price(entry, at))
        if RELABELLED in entry.flags:
            self.store(relabelled(entry, at))


def blocked(
    tenant_id: str, standing: Standing, verdict: Verdict, owner: str | None, at: datetime
) -> Alert | None:
    """Alert: the first refusal by a budget in a period.

    None for a budget of runs or minutes without thresholds: there a refusal is routine.
    """
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
            **amount_fields(
                unit, limit=limit, spent=totals.spent, held=totals.held, asked=standing.asked
            ),
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
    """Alert: a workflow was paused or resumed. Empty if neither happened."""
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
    """Alert: a tenant's hold expired unsettled. Once per UTC day."""
    hold, day = reservation.hold, day_of(at, "UTC")
    facts = {
        "reservation_id": hold.reservation_id,
        "amount_usd": render(hold.amount),
        **{name: value for name, value in hold.labels.public().items() if value},
    }
    return Alert(hold.tenant_id, HOLD_EXPIRED, (day,), at, TENANT, hold.tenant_id, day, facts)


def differing(tenant_id: str, month: str, accounts: Sequence[str], at: datetime) -> Alert:
    """Alert: accounts differ from the ledger. Once per month and set of accounts."""
    once = (month, sha256("\n".join(accounts).encode()).hexdigest())
    facts = {"differences": len(accounts), "accounts": list(accounts[:_MAX_NAMED])}
    scope = SYSTEM_SCOPE if tenant_id == SYSTEM else TENANT
    named = SYSTEM_SCOPE if tenant_id == SYSTEM else tenant_id
    return Alert(tenant_id, RECONCILE_DIFFERENCE, once, at, scope, named, month, facts)


def fallback_price_used(entry: Entry, at: datetime) -> Alert:
    """Alert: a cost was priced with the tenant's fallback price. Once per model and month."""
    model, month = entry.labels.model or "a cost without a model", entry.booking.month
    facts = {
        "provider": entry.labels.provider,
        "entry_id": entry.entry_id,
        "cost_usd": render(entry.amount),
        "occurred_at": render_instant(entry.occurred_at),
    }
    once = (model.casefold(), month)
    return Alert(entry.tenant_id, FALLBACK_PRICE_USED, once, at, MODEL, model, month, facts)


def differing_price(entry: Entry, at: datetime) -> Alert:
    """Alert that the provider's own cost and ours differ: one a model and day."""
    model = entry.labels.model or "a cost without a model"
    price = entry.price or {}
    computed = (price.get("computed") or {}).get("cost_usd")
    facts = {
        "provider": entry.labels.provider,
        "entry_id": entry.entry_id,
        "cost_usd": render(entry.amount),
        "provider_cost_usd": (entry.call or {}).get("provider_cost_usd"),
        "computed_cost_usd": computed or render(entry.amount),
        "occurred_at": render_instant(entry.occurred_at),
    }
    once = (model.casefold(), day_of(entry.occurred_at, "UTC"))
    month = entry.booking.month
    return Alert(entry.tenant_id, ALERT_PRICE_DIFFERS, once, at, MODEL, model, month, facts)


def old_prices(version: str, dated: date, days: int, at: datetime) -> Alert:
    """Alert that the data of the price list is old: once a list and month."""
    month = month_of(at, "UTC")
    facts = {"version": version, "dated": dated.isoformat(), "days": days}
    once = (version, month)
    return Alert(SYSTEM, PRICES_OLD, once, at, SYSTEM_SCOPE, SYSTEM, month, facts)


def quarantined(entry: Entry, ceiling: Decimal | None, owner: str | None, at: datetime) -> Alert:
    """Alert: a cost is above the ceiling per entry (USD) and counts nowhere until its review."""
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
    """Alert: a run's cost is booked under another workflow or parent than given. Once per run."""
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
