"""Rows of the alerts table."""

from hashlib import sha256
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from budget_monitor.adapters.dynamodb.rows.attributes import (
    CountAttribute,
    DocumentAttribute,
    ExactAttribute,
    RowVersionAttribute,
    stored_instant,
)
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.alerts.alerts import Alert
from budget_monitor.domain.periods import sortable
from budget_monitor.ports.alerts import StoredAlert, Waiting

_MAX_KEY_BYTES = 2048
UNSENT, UNPUT = "unsent", "unput"
"""Lists of alerts: not yet sent to people; sent to people, but event not yet accepted."""


class ByTenant(GlobalSecondaryIndex["AlertRow"]):
    """Alerts of a tenant's month."""

    class Meta:
        index_name = "by_tenant"
        projection = KeysOnlyProjection()

    alert_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class Unsent(GlobalSecondaryIndex["AlertRow"]):
    """Alerts that are not completely sent, oldest first."""

    class Meta:
        index_name = "unsent"
        projection = KeysOnlyProjection()

    unsent_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class AlertRow(Model):
    """One alert. Its content never changes; its delivery state does."""

    by_tenant = ByTenant()
    unsent = Unsent()
    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
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
        """Return the partition key of an alert."""
        return key(tenant_id, "alert", alert_id)

    @classmethod
    def of(cls, alert: Alert) -> "AlertRow":
        """Return the row of an alert that is not sent yet."""
        return cls(**cls.values_of(alert))

    @classmethod
    def values_of(cls, alert: Alert) -> dict[str, Any]:
        """Return the attributes of that row."""
        facts: dict[str, Any] = dict(alert.facts)
        return {
            "pk": cls.key_of(alert.tenant_id, alert.alert_id),
            "alert_list": alert_list(alert.tenant_id, sortable(alert.at)[:7]),
            "unsent_list": UNSENT,
            "position": alert.position,
            "kind": alert.kind,
            "once": list(alert.once),
            "scope": alert.scope,
            "scope_id": alert.scope_id,
            "period": alert.period,
            "at": sortable(alert.at),
            "facts": facts,
            "attempts": 0,
        }

    def to_domain(self) -> StoredAlert:
        """Return the alert of this row and its delivery state."""
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
    """Spend of a striped account when its thresholds were last judged."""

    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    spent = ExactAttribute()

    @classmethod
    def key_of(cls, account: AccountKey) -> str:
        """Return the partition key of an account's watermark.

        An account key may have up to 2 KB. If escaping makes it too long for a DynamoDB key, its
        hash is used.
        """
        name = key(account.tenant_id, "watermark", str(account))
        if len(name.encode()) <= _MAX_KEY_BYTES:
            return name
        return key(account.tenant_id, "watermark", sha256(str(account).encode()).hexdigest())


def alert_name(pk: str) -> tuple[str, str]:
    """Return (tenant_id, alert_id) of a partition key."""
    tenant_id, _, alert_id = parts(pk)
    return tenant_id, alert_id


def waiting(row: AlertRow) -> Waiting:
    """Return the waiting alert of an index row."""
    return Waiting(*alert_name(row.pk), stored_instant(row.position.partition("#")[0]))


def alert_list(tenant_id: str, month: str) -> str:
    """Return the name of the list of a tenant's alerts of a month, in UTC."""
    return key(tenant_id, month)
