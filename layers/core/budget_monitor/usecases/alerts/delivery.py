"""Alerts on their way: stored, then sent until people and machines have taken them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import TENANT
from budget_monitor.domain.alerts.alerts import Alert, Message
from budget_monitor.domain.errors import IdempotencyMismatchError, UnavailableError
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.ports.alerts import Alerts, Messenger, StoredAlert, Waiting
from budget_monitor.usecases.alerts.messages import message_of

AT_ONCE = 1000
"""How many alerts that wait are looked at together."""
UNDISTURBED = timedelta(seconds=30)
"""So long an alert is left to the one who stored it before anybody else sends it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many alerts were sent and still wait, and since when the oldest of these does."""

    sent: int = 0
    failed: int = 0
    oldest: datetime | None = None


class Delivering:
    """Stores alerts and sends them. What is not taken waits for the schedule."""

    def __init__(self, store: Store, alerts: Alerts, messenger: Messenger, clock: Clock) -> None:
        self._store = store
        self._alerts = alerts
        self._messenger = messenger
        self._clock = clock

    def tell(self, alert: Alert) -> bool:
        """Store the alert and send it; False where it was told before, or is about to be."""
        if not self._store.commit(Transaction(alerts=(alert,))):
            return False
        if not deadline.about_to_end():
            self._send(StoredAlert(alert, None, None, 0))
        return True

    def tell_by_hand(self, alert: Alert) -> StoredAlert:
        """Store and send what a person wants to be known; the same again tells nobody twice.

        Raises IdempotencyMismatchError for a known id with other content.
        """
        self.tell(alert)
        known = self._alerts.read([(alert.tenant_id, alert.alert_id)])[0]
        for field, said, kept in (
            ("kind", alert.kind, known.alert.kind),
            ("message", alert.facts["message"], known.alert.facts["message"]),
        ):
            if said != kept:
                raise IdempotencyMismatchError(
                    f"idempotency_key was used before with another {field}", field
                )
        return known

    def send_due(self) -> Sent:
        """Send what was stored a while ago and not taken, to people first, the oldest first."""
        before = self._clock.now() - UNDISTURBED
        found = [*self._alerts.unsent(before, AT_ONCE), *self._alerts.unput(before, AT_ONCE)]
        wait = [one.at for one in found if deadline.about_to_end() or not self._sent(one)]
        return Sent(len(found) - len(wait), len(wait), min(wait, default=None))

    @deadline.unit_of_work()
    def _sent(self, waiting: Waiting) -> bool:
        """Whether all were told. One that cannot be read or put in words stops no other."""
        try:
            name = (waiting.tenant_id, waiting.alert_id)
            return all(self._send(one) for one in self._alerts.read([name]))
        except Exception:
            logger.exception("an alert could not be sent yet: %s", waiting.alert_id)
            return False

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
