"""What alerting needs from the world outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from budget_monitor.domain.accounts import AccountKey
from budget_monitor.domain.alerts import Alert, Message
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


class Alerts(Protocol):
    """The alerts that were stored. Every method raises UnavailableError."""

    def of_month(self, tenant_id: str, month: str, limit: int, before: str | None) -> Page:
        """The ids of a tenant's alerts of a month (UTC), the latest first."""
        ...

    def read(self, names: Iterable[tuple[str, str]]) -> Sequence[StoredAlert]:
        """Those of the alerts that exist, each by its tenant's id and its own."""
        ...

    def unsent(self, before: datetime, most: int) -> Sequence[tuple[str, str]]:
        """Alerts noticed before that moment that nobody was told, the oldest first."""
        ...

    def tried(self, alert: Alert, sent_at: datetime | None, put_at: datetime | None) -> None:
        """Keep that it was tried to send it, and when it was taken; None: it was not."""
        ...

    def watermark(self, account: AccountKey) -> Decimal:
        """How high the account's spend was when it was judged last, in USD."""
        ...

    def raise_watermark(self, account: AccountKey, spent: Decimal) -> None:
        """Keep how high the account's spend is, unless it was higher before."""
        ...


class Messenger(Protocol):
    """Tells people and machines. Both methods raise UnavailableError where it was not taken."""

    def tell_people(self, message: Message) -> None:
        """Send it to whoever subscribed."""
        ...

    def tell_machines(self, message: Message) -> None:
        """Send it as an event that rules can match."""
        ...
