"""What alerting needs from the world outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.alerts.alerts import Alert, Message
from budget_monitor.ports import Page


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert, and what became of it."""

    alert: Alert
    sent_at: datetime | None
    """When it was taken to be sent to people."""
    put_at: datetime | None
    """When it was taken as an event for machines."""
    attempts: int
    """How often it was tried to send it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that somebody was not told yet, and since when it waits."""

    tenant_id: str
    alert_id: str
    at: datetime


class Alerts(Protocol):
    """The alerts that were stored. Every method raises UnavailableError."""

    def of_month(self, tenant_id: str, month: str, limit: int, before: str | None) -> Page:
        """The ids of a tenant's alerts of a month (UTC), the latest first."""
        ...

    def read(self, names: Iterable[tuple[str, str]]) -> Sequence[StoredAlert]:
        """Those of the alerts that exist, each by its tenant's id and its own."""
        ...

    def unsent(self, before: datetime, most: int) -> Sequence[Waiting]:
        """Alerts noticed before that moment that people were not told, the oldest first."""
        ...

    def unput(self, before: datetime, most: int) -> Sequence[Waiting]:
        """Those of which people were told, and machines not yet."""
        ...

    def tried(self, alert: Alert, sent_at: datetime | None, put_at: datetime | None) -> None:
        """Keep that it was tried to send it, and when it was taken; None: it was not."""
        ...

    def watermark(self, account: AccountKey) -> Decimal | None:
        """The account's spend when it was judged last, in USD; None: it never was."""
        ...

    def move_watermark(self, account: AccountKey, before: Decimal | None, spent: Decimal) -> None:
        """Keep the account's spend, unless somebody judged it since it was `before`."""
        ...


class Messenger(Protocol):
    """Tells people and machines. Both methods raise UnavailableError where it was not taken."""

    def tell_people(self, message: Message) -> None:
        """Send it to whoever subscribed."""
        ...

    def tell_machines(self, message: Message) -> None:
        """Send it as an event that rules can match."""
        ...
