"""Store alerts and send them, retried until SNS and EventBridge have accepted them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import TENANT
from budget_monitor.domain.alerts.alerts import Alert, Message
from budget_monitor.domain.errors import IdempotencyMismatchError, UnavailableError
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Transactions
from budget_monitor.ports.alerts import Alerts, Messenger, StoredAlert, Waiting
from budget_monitor.usecases.alerts.messages import message_of

AT_ONCE = 1000
"""Maximum of waiting alerts read by one run of the schedule, per list."""
UNDISTURBED = timedelta(seconds=30)
"""The schedule leaves a new alert alone for this long: who stored it usually sends it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many alerts were sent, how many still wait, and the time of the oldest waiting one."""

    sent: int = 0
    failed: int = 0
    oldest: datetime | None = None


LinkOf = Callable[[Alert], str | None]
"""Returns the link to the page where people answer an alert, or None."""


def no_link(_: Alert) -> None:
    """Return no link: this stack has no pages."""


class AlertDelivery:
    """Stores alerts and sends them. An alert that is not accepted is retried by the schedule."""

    def __init__(
        self,
        store: Transactions,
        alerts: Alerts,
        messenger: Messenger,
        clock: Clock,
        link_of: LinkOf = no_link,
    ) -> None:
        self._store = store
        self._link_of = link_of
        self._alerts = alerts
        self._messenger = messenger
        self._clock = clock

    def store_and_send(self, alert: Alert) -> bool:
        """Store the alert and send it; False if it was stored before."""
        if not self._store.commit(Transaction(alerts=(alert,))):
            return False
        if not deadline.about_to_end():
            self._send(StoredAlert(alert, None, None, 0))
        return True

    def store_and_send_manual(self, alert: Alert) -> StoredAlert:
        """Store and send an alert of `send_alert`; a repeat sends nothing.

        Raises IdempotencyMismatchError for a known id with other content.
        """
        self.store_and_send(alert)
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
        """Send alerts that were stored over 30 s ago and are not accepted yet, oldest first.

        Alerts that people have not received come before those that only lack their event.
        """
        before = self._clock.now() - UNDISTURBED
        found = [*self._alerts.unsent(before, AT_ONCE), *self._alerts.unpublished(before, AT_ONCE)]
        wait = [one.at for one in found if deadline.about_to_end() or not self._sent(one)]
        return Sent(len(found) - len(wait), len(wait), min(wait, default=None))

    @deadline.unit_of_work()
    def _sent(self, waiting: Waiting) -> bool:
        """Send one waiting alert; False (and logged) if it could not be read, rendered or sent."""
        try:
            name = (waiting.tenant_id, waiting.alert_id)
            return all(self._send(one) for one in self._alerts.read([name]))
        except Exception:
            logger.exception("an alert could not be sent yet: %s", waiting.alert_id)
            return False

    def _send(self, stored: StoredAlert) -> bool:
        """Send to people and machines; True if both accepted. The schedule retries the rest."""
        try:
            message = message_of(stored.alert, self._link_of(stored.alert))
        except UnavailableError:
            logger.exception("the link of an alert cannot be made; the alert will be sent later")
            self._alerts.tried(stored.alert, stored.sent_at, stored.put_at)
            return False
        sent_at = stored.sent_at or self._taken(self._messenger.send_to_people, message)
        put_at = stored.put_at or self._taken(self._messenger.send_event, message)
        self._alerts.tried(stored.alert, sent_at, put_at)
        return sent_at is not None and put_at is not None

    def _taken(self, tell: Callable[[Message], None], message: Message) -> datetime | None:
        try:
            tell(message)
        except UnavailableError:
            logger.exception("an alert was not accepted; it will be sent again")
            return None
        return self._clock.now()


def by_hand(tenant_id: str, kind: str, message: str, name: str, now: datetime) -> Alert:
    """Return an alert of `send_alert`. The same `name` gives the same alert id."""
    return Alert(tenant_id, kind, (name,), now, TENANT, tenant_id, facts={"message": message})
