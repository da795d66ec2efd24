"""Alerts that arrive once: noticed, stored, then sent until they were taken."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounts import TENANT, AccountKey
from budget_monitor.domain.alerts import LIMIT_EXCEEDED, NEARING_LIMIT, Alert, Message
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.gates import Gate
from budget_monitor.domain.money import percent, render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.thresholds import Crossing, crossed
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.ports.alerts import Alerts, Messenger, StoredAlert
from budget_monitor.usecases.messages import message_of

AT_ONCE = 100
logger = logging.getLogger(__name__)
UNDISTURBED = timedelta(seconds=30)
"""So long an alert is left to the one who stored it before anybody else sends it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the stream says of a row of an account: its spend before and after, in USD."""

    row: AccountKey
    before: Decimal
    spent: Decimal
    name: str | None = None
    striped: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """How many alerts were sent and failed, and since when the oldest of these waits."""

    sent: int = 0
    failed: int = 0
    oldest: datetime | None = None


class Alerting:
    """The use cases of alerts."""

    def __init__(
        self, store: Store, alerts: Alerts, policies: Policies, messenger: Messenger, clock: Clock
    ) -> None:
        self._store = store
        self._alerts = alerts
        self._policies = policies
        self._messenger = messenger
        self._clock = clock

    def notice(self, account: AccountKey, changes: Sequence[Change]) -> int:
        """Store and send an alert for every threshold that these changes carried spend above.

        `changes` are those of one account, in their order; how many alerts are new.
        """
        self._policies.forget(account.tenant_id)
        policy, now = self._policies.for_tenant(account.tenant_id), self._clock.now()
        gates = policy.watching(account, changes[-1].name, now)
        new = 0
        for crossing in self._crossings(account, changes, gates):
            new += self.tell(self._alert(crossing, account, now, policy.owner))
        return new

    def _crossings(
        self, account: AccountKey, changes: Sequence[Change], gates: Sequence[Gate]
    ) -> Iterable[Crossing]:
        """What was crossed. A striped account is judged by a strong read of all its rows."""
        if not any(one.striped for one in changes):
            return [found for one in changes for found in crossed(gates, one.before, one.spent)]
        before = self._alerts.watermark(account)
        spent = self._store.accounts([account])[account].totals.spent
        return self._striped(account, list(crossed(gates, before, spent)), spent)

    def _striped(
        self, account: AccountKey, found: Sequence[Crossing], spent: Decimal
    ) -> Iterable[Crossing]:
        """The crossings one by one; once all are told, the next judge begins at this spend."""
        yield from found
        self._alerts.raise_watermark(account, spent)

    def _alert(
        self, crossing: Crossing, account: AccountKey, now: datetime, owner: str | None
    ) -> Alert:
        gate, budget = crossing.gate, crossing.gate.budget
        limit = budget.limit or Decimal(0)
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
                "spent_usd": render(crossing.spent),
                "limit_usd": render(limit),
                "used_percent": percent(crossing.spent, limit),
                "action": budget.action,
                "resets_at": render_instant(gate.resets_at) if gate.resets_at else None,
                "owner": owner,
            },
        )

    def tell(self, alert: Alert) -> bool:
        """Store the alert and send it; False where it was told before, or is about to be."""
        if not self._store.commit(Transaction(alerts=(alert,))):
            return False
        self._send(StoredAlert(alert, None, None, 0))
        return True

    def tell_by_hand(self, alert: Alert) -> StoredAlert:
        """Store and send what a person wants to be known; the same again tells nobody twice."""
        self.tell(alert)
        return self._alerts.read([(alert.tenant_id, alert.alert_id)])[0]

    def send_due(self) -> Sent:
        """Send what was stored a while ago and not sent, the oldest first."""
        now = self._clock.now()
        found = self._alerts.read(self._alerts.unsent(now - UNDISTURBED, AT_ONCE))
        waiting = [one for one in found if one.sent_at is None or one.put_at is None]
        failed = [one for one in waiting if not self._send(one)]
        oldest = min((one.alert.at for one in failed), default=None)
        return Sent(len(waiting) - len(failed), len(failed), oldest)

    def _send(self, stored: StoredAlert) -> bool:
        """Whether people and machines were told. What was not is tried again by a schedule."""
        message = message_of(stored.alert)
        sent_at = stored.sent_at or self._taken(self._messenger.tell_people, message)
        put_at = stored.put_at or self._taken(self._messenger.tell_machines, message)
        self._alerts.tried(stored.alert, sent_at, put_at)
        return sent_at is not None and put_at is not None

    def _taken(self, tell: Callable[[Message], None], message: Message) -> datetime | None:
        try:
            tell(message)
        except UnavailableError:
            logger.exception("an alert was not taken and is tried again")
            return None
        return self._clock.now()


def by_hand(tenant_id: str, kind: str, message: str, name: str, now: datetime) -> Alert:
    """What a person wants to be known. `name` makes it the same thing again."""
    return Alert(tenant_id, kind, (name,), now, TENANT, tenant_id, facts={"message": message})
