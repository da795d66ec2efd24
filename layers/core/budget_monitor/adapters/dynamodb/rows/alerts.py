"""The rows of the alerts table."""

from hashlib import sha256
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from budget_monitor.adapters.dynamodb.rows.attributes import (
    CountAttribute,
    DocumentAttribute,
    ExactAttribute,
    stored_instant,
)
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.alerts.alerts import Alert
from budget_monitor.domain.periods import sortable
from budget_monitor.ports.alerts import StoredAlert, Waiting

_MOST_KEY_BYTES = 2048
UNSENT, UNPUT = "unsent", "unput"
"""The lists of alerts that people were not told yet, and of those that only machines were not."""


class ByTenant(GlobalSecondaryIndex["AlertRow"]):
    """The alerts of a tenant's month."""

    class Meta:
        index_name = "by_tenant"
        projection = KeysOnlyProjection()

    alert_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class Unsent(GlobalSecondaryIndex["AlertRow"]):
    """The alerts that somebody was not told yet, the oldest first."""

    class Meta:
        index_name = "unsent"
        projection = KeysOnlyProjection()

    unsent_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class AlertRow(Model):
    """One alert: what it says never changes, whether it was sent does once."""

    by_tenant = ByTenant()
    unsent = Unsent()
    pk = UnicodeAttribute(hash_key=True)
    alert_list = UnicodeAttribute()
    unsent_list = UnicodeAttribute(null=True)
    position = UnicodeAttribute()
    kind = UnicodeAttribute()
    once = DocumentAttribute()
    scope = UnicodeAttribute()
    scope_id = UnicodeAttribute()
    period = UnicodeAttribute(null=True)
    at = UnicodeAttribute()
    facts = DocumentAttribute()
    sent_at = UnicodeAttribute(null=True)
    put_at = UnicodeAttribute(null=True)
    attempts = CountAttribute()

    @classmethod
    def key_of(cls, tenant_id: str, alert_id: str) -> str:
        """The partition key of an alert."""
        return key(tenant_id, "alert", alert_id)

    @classmethod
    def of(cls, alert: Alert) -> "AlertRow":
        """The row of an alert that nobody was told yet."""
        facts: dict[str, Any] = dict(alert.facts)
        return cls(
            pk=cls.key_of(alert.tenant_id, alert.alert_id),
            alert_list=alert_list(alert.tenant_id, sortable(alert.at)[:7]),
            unsent_list=UNSENT,
            position=alert.position,
            kind=alert.kind,
            once=list(alert.once),
            scope=alert.scope,
            scope_id=alert.scope_id,
            period=alert.period,
            at=sortable(alert.at),
            facts=facts,
            attempts=0,
        )

    def to_domain(self) -> StoredAlert:
        """The alert that this row keeps, and what became of it."""
        alert = Alert(
            tenant_id=alert_name(self.pk)[0],
            kind=self.kind,
            once=tuple(self.once),
            at=stored_instant(self.at),
            scope=self.scope,
            scope_id=self.scope_id,
            period=self.period,
            facts=self.facts,
        )
        sent_at = stored_instant(self.sent_at) if self.sent_at else None
        put_at = stored_instant(self.put_at) if self.put_at else None
        return StoredAlert(alert, sent_at, put_at, self.attempts)


class WatermarkRow(Model):
    """How high an account's spend was when it was judged last."""

    pk = UnicodeAttribute(hash_key=True)
    spent = ExactAttribute()

    @classmethod
    def key_of(cls, account: AccountKey) -> str:
        """The partition key of an account's watermark.

        An account is named in up to 2 KB. Where escaping it once more makes that too long for a key
        of DynamoDB, its digest stands for it.
        """
        name = key(account.tenant_id, "watermark", str(account))
        if len(name.encode()) <= _MOST_KEY_BYTES:
            return name
        return key(account.tenant_id, "watermark", sha256(str(account).encode()).hexdigest())


def alert_name(pk: str) -> tuple[str, str]:
    """The tenant's id and the alert's, of a partition key."""
    tenant_id, _, alert_id = parts(pk)
    return tenant_id, alert_id


def waiting(row: AlertRow) -> Waiting:
    """What the index says of an alert that somebody was not told yet."""
    return Waiting(*alert_name(row.pk), stored_instant(row.position.partition("#")[0]))


def alert_list(tenant_id: str, month: str) -> str:
    """The name of the list of a tenant's alerts of a month, in UTC."""
    return key(tenant_id, month)
