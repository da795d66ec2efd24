"""Threshold alerts: one per account, period, threshold and limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import DEFAULT_TERMS, AccountKey, WorkflowTerms
from budget_monitor.domain.alerts.alerts import LIMIT_EXCEEDED, NEARING_LIMIT, Alert
from budget_monitor.domain.alerts.thresholds import Crossing, crossed
from budget_monitor.domain.money import ZERO, percent, render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.watching import watching
from budget_monitor.domain.units import amount_fields
from budget_monitor.ports import Accounts, Clock, Policies
from budget_monitor.ports.alerts import Alerts
from budget_monitor.usecases.alerts.delivery import AlertDelivery


@dataclass(frozen=True, slots=True)
class StreamChange:
    """A change of an account's row from the stream: spend before and after, in USD."""

    row: AccountKey
    before: Decimal
    spent: Decimal
    name: str | None = None
    terms: WorkflowTerms = DEFAULT_TERMS
    striped: bool = False


class ThresholdJudge:
    """Sends an alert for every threshold that a change in the stream crosses."""

    def __init__(
        self,
        store: Accounts,
        alerts: Alerts,
        policies: Policies,
        delivery: AlertDelivery,
        clock: Clock,
    ) -> None:
        self._store = store
        self._alerts = alerts
        self._policies = policies
        self._delivery = delivery
        self._clock = clock

    def judge(self, account: AccountKey, changes: Sequence[StreamChange]) -> int:
        """Store and send an alert for every threshold crossed; return how many are new.

        `changes` are of one account, in their order.
        """
        self._policies.forget(account.tenant_id)
        policy, now = self._policies.for_tenant(account.tenant_id), self._clock.now()
        last = changes[-1]
        budgets = watching(policy, account, last.name, now)
        gates = [gate.under(last.terms) for gate in budgets]
        new = 0
        for crossing in self._crossings(account, changes, gates):
            new += self._delivery.store_and_send(self._alert(crossing, account, now, policy.owner))
        return new

    def _crossings(
        self, account: AccountKey, changes: Sequence[StreamChange], gates: Sequence[Gate]
    ) -> Iterable[Crossing]:
        """Return the crossings. A striped account is judged by a strong read of all its rows."""
        if not any(one.striped for one in changes):
            return [found for one in changes for found in crossed(gates, one.before, one.spent)]
        before = self._alerts.watermark(account)
        spent = self._store.accounts([account])[account].totals.spent
        return self._striped(account, gates, before, spent)

    def _striped(
        self, account: AccountKey, gates: Sequence[Gate], before: Decimal | None, spent: Decimal
    ) -> Iterable[Crossing]:
        """Yield the crossings; when all are stored, keep this spend as the next start."""
        yield from crossed(gates, before or ZERO, spent)
        self._alerts.move_watermark(account, before, spent)

    def _alert(
        self, crossing: Crossing, account: AccountKey, now: datetime, owner: str | None
    ) -> Alert:
        gate, budget = crossing.gate, crossing.gate.budget
        limit, resets_at = budget.limit or ZERO, gate.resets_at
        return Alert(
            tenant_id=account.tenant_id,
            kind=LIMIT_EXCEEDED if crossing.is_over else NEARING_LIMIT,
            once=(str(account), budget.budget_id, str(crossing.percent), render(limit)),
            at=now,
            scope=budget.scope,
            scope_id=gate.scope_id,
            period=account.period,
            facts={
                "budget_id": budget.budget_id,
                "threshold_percent": crossing.percent,
                "unit": gate.unit,
                **amount_fields(gate.unit, spent=crossing.spent, limit=limit),
                "used_percent": percent(crossing.spent, limit),
                "action": budget.action,
                "enforcement": budget.enforcement,
                "resets_at": render_instant(resets_at) if resets_at and resets_at > now else None,
                "owner": owner,
            },
        )
