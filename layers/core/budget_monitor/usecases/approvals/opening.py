"""Open a request for more limit: its figures, its times, and the transaction that stores it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    EXECUTION,
    SYSTEM,
    WORKFLOW,
    Account,
    AccountKey,
)
from budget_monitor.domain.approvals.authority import Authority
from budget_monitor.domain.approvals.pace import forecast
from budget_monitor.domain.approvals.requests import Asker, RaiseRequest, Target
from budget_monitor.domain.documents import DocumentChange
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Documents
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.alerts.request_notices import raise_requested
from budget_monitor.usecases.approvals.stored import ID_FIELD, written

RUNS = {EXECUTION, WORKFLOW}


@dataclass(frozen=True, slots=True)
class Asked:
    """The budget that is to be raised, and the accounts that were read with it."""

    standing: Standing
    accounts: Mapping[AccountKey, Account]

    @property
    def target(self) -> Target:
        """The present budget."""
        gate, totals = self.standing.gate, self.standing.totals
        scope, of_run = gate.account.scope, gate.account.scope in RUNS
        return Target(
            budget_id=gate.budget.budget_id,
            scope=scope if of_run else gate.budget.scope,
            scope_id=gate.scope_id,
            kind=gate.budget.period,
            period=gate.account.period,
            limit=gate.budget.limit or ZERO,
            spent=totals.spent,
            held=totals.held,
        )


def requested(
    plan: Plan, asked: Asked, amount: Decimal, reason: str, life: timedelta
) -> RaiseRequest:
    """Return a request without an id, made at the plan's instant. `amount` in USD."""
    until, resets_at = plan.at + life, asked.standing.gate.resets_at
    run = next((asked.accounts.get(one) for one in plan.runs), None)
    return RaiseRequest(
        tenant_id=plan.tenant_id,
        request_id="",
        target=asked.target,
        labels=plan.labels,
        amount=amount,
        reason=reason,
        asker=Asker(None, None, None),
        created_at=plan.at,
        expires_at=min(until, resets_at) if resets_at else until,
        request={},
        forecast=forecast(run, amount, plan.at),
    )


def with_times(made: RaiseRequest, authority: Authority) -> RaiseRequest:
    """Return the request with the times at which it is escalated and decided by default."""
    late, out = authority.escalation, authority.time_out
    return replace(
        made,
        escalates_at=_within(made, late.after if late else None),
        times_out_at=_within(made, out.after if out else None),
    )


def _within(made: RaiseRequest, after: timedelta | None) -> datetime | None:
    """The instant this long after the request was made; None if it has expired by then."""
    if after is None or made.created_at + after >= made.expires_at:
        return None
    return made.created_at + after


def authority_of(store: Documents, tenant_id: str) -> Authority:
    """Return the authority that applies to a tenant: its own, or the system's.

    Raises UnavailableError if it cannot be read.
    """
    names = [rules_key(tenant_id), rules_key(SYSTEM)]
    found = store.documents(names)
    bodies = [found[name].body for name in names if name in found]
    return loaded(next((body["authority"] for body in bodies if body.get("authority")), None))


def loaded(dumped: Mapping[str, object] | None) -> Authority:
    """Return the stored authority; without one, no rules. Raises UnavailableError for damage."""
    if dumped is None:
        return Authority()
    try:
        return Authority.load(dumped)
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError) as fault:
        raise UnavailableError("the stored authority is damaged: set it again") from fault


def opening(
    made: RaiseRequest, version: int, owner: str | None, key: IdempotencyKey | None = None
) -> Transaction:
    """Return the transaction that stores the request, takes its slot and stores the alert.

    `version`: the present version of the slot's document.
    """
    body = {ID_FIELD: made.request_id}
    return Transaction(
        document_change=written(made, "request_raise"),
        further_changes=(DocumentChange(made.slot, version + 1, body, body),),
        idempotency=key and replace(key, made=body),
        alerts=(raise_requested(made, owner),),
    )
