"""Ports of alerting: the stored alerts and the channels that send them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.alerts.alerts import Alert, Message
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Page


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert and its delivery state."""

    alert: Alert
    sent_at: datetime | None
    """When SNS accepted it for people; None: not yet."""
    put_at: datetime | None
    """When EventBridge accepted its event; None: not yet."""
    attempts: int
    """Number of attempts to send it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that is not accepted yet, and since when it waits."""

    tenant_id: str
    alert_id: str
    at: datetime


class Alerts(Protocol):
    """The stored alerts. Every method raises UnavailableError if they cannot be reached."""

    def of_month(self, tenant_id: str, month: str, limit: int, before: str | None) -> Page:
        """Return the ids of a tenant's alerts of a month (UTC), latest first."""
        ...

    def read(self, names: Iterable[tuple[str, str]]) -> Sequence[StoredAlert]:
        """Return the alerts that exist. Each name is (tenant_id, alert_id)."""
        ...

    def unsent(self, before: datetime, most: int) -> Sequence[Waiting]:
        """Return alerts detected before this instant that people did not receive, oldest first."""
        ...

    def unpublished(self, before: datetime, most: int) -> Sequence[Waiting]:
        """Return alerts that people have received and whose event is not accepted yet."""
        ...

    def tried(self, alert: Alert, sent_at: datetime | None, put_at: datetime | None) -> None:
        """Store an attempt to send it, and when it was accepted; None: it was not."""
        ...

    def watermark(self, account: AccountKey) -> Decimal | None:
        """Return the account's spend when it was last judged, in USD; None: never."""
        ...

    def move_watermark(self, account: AccountKey, before: Decimal | None, spent: Decimal) -> None:
        """Store the account's spend, unless another judge has changed it from `before`."""
        ...


class Messenger(Protocol):
    """Sends alerts. Both methods raise UnavailableError if the alert was not accepted."""

    def send_to_people(self, message: Message) -> None:
        """Send the alert to the subscribers."""
        ...

    def send_event(self, message: Message) -> None:
        """Send the alert as an event that rules can match."""
        ...
