"""Rows of the reservations table."""

from typing import Any
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from budget_monitor.adapters.dynamodb.rows.attributes import (
    DocumentAttribute,
    RowVersionAttribute,
    stored_instant,
)
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.holds.draws import Drawn
from budget_monitor.domain.holds.reservations import Hold, Reservation
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.transactions import IdempotencyKey

SHARDS = 16
"""Number of lists of open reservations. All of a tenant's are in the same list."""


class ByExpiry(GlobalSecondaryIndex["ReservationRow"]):
    """Open reservations, ordered by expiry."""

    class Meta:
        index_name = "by_expiry"
        projection = KeysOnlyProjection()

    open_list = UnicodeAttribute(hash_key=True)
    expires_at = UnicodeAttribute(range_key=True)


class ByStateMachine(GlobalSecondaryIndex["ReservationRow"]):
    """Reservations of one state machine execution."""

    class Meta:
        index_name = "by_state_machine"
        projection = KeysOnlyProjection()

    state_machine_list = UnicodeAttribute(hash_key=True)


class ByState(GlobalSecondaryIndex["ReservationRow"]):
    """Reservations of a tenant in one state, in the order in which they were made."""

    class Meta:
        index_name = "by_state"
        projection = KeysOnlyProjection()

    state_list = UnicodeAttribute(hash_key=True)
    made_at = UnicodeAttribute(range_key=True)


class ByShadow(GlobalSecondaryIndex["ReservationRow"]):
    """Reservations of a tenant's UTC day that a shadow budget would refuse."""

    class Meta:
        index_name = "by_shadow"
        projection = KeysOnlyProjection()

    shadow_list = UnicodeAttribute(hash_key=True)
    shadow_position = UnicodeAttribute(range_key=True)


class ReservationRow(Model):
    """One reservation. Its facts never change; its state ends exactly once."""

    by_expiry = ByExpiry()
    by_state = ByState()
    by_shadow = ByShadow()
    by_state_machine = ByStateMachine()
    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    facts = UnicodeAttribute()
    request = DocumentAttribute()
    state = UnicodeAttribute()
    created_at = UnicodeAttribute()
    expires_at = UnicodeAttribute()
    open_list = UnicodeAttribute(null=True)
    state_machine_list = UnicodeAttribute(null=True)
    state_list = UnicodeAttribute(null=True)
    made_at = UnicodeAttribute(null=True)
    resolved_at = UnicodeAttribute(null=True)
    entry_id = UnicodeAttribute(null=True)
    drawn = UnicodeAttribute(null=True)
    """What was drawn from it; absent if nothing was."""
    changed_by = UnicodeAttribute(null=True)
    """The signer of its last change; absent if there is none."""
    would_block = DocumentAttribute(null=True)
    shadow_list = UnicodeAttribute(null=True)
    shadow_position = UnicodeAttribute(null=True)

    @classmethod
    def key_of(cls, tenant_id: str, reservation_id: str) -> str:
        """Return the partition key of a reservation."""
        return key(tenant_id, "reservation", reservation_id)

    @classmethod
    def of(cls, reservation: Reservation) -> "ReservationRow":
        """Return the row of this reservation."""
        return cls(**cls.values_of(reservation))

    @classmethod
    def values_of(cls, reservation: Reservation) -> dict[str, Any]:
        """Return the attributes of this reservation's row."""
        hold = reservation.hold
        return dict(
            pk=cls.key_of(hold.tenant_id, hold.reservation_id),
            facts=hold.facts,
            request=dict(reservation.request),
            state=reservation.state,
            created_at=sortable(hold.created_at),
            expires_at=sortable(reservation.expires_at),
            open_list=open_list(shard_of(hold.tenant_id)),
            state_machine_list=hold.labels.state_machine_execution_arn,
            state_list=state_list(hold.tenant_id, reservation.state),
            made_at=hold.position,
            **_shadow_part(reservation),
        )

    def to_domain(self) -> Reservation:
        """Return the reservation of this row."""
        tenant_id, reservation_id = reservation_name(self.pk)
        return Reservation(
            hold=Hold.read(tenant_id, reservation_id, self.facts),
            request=self.request,
            expires_at=stored_instant(self.expires_at),
            state=self.state,
            resolved_at=stored_instant(self.resolved_at) if self.resolved_at else None,
            entry_id=self.entry_id,
            would_block=tuple(self.would_block or ()),
            drawn=Drawn.read(self.drawn) if self.drawn else Drawn(),
            changed_by=self.changed_by,
        )


def reservation_name(pk: str) -> tuple[str, str]:
    """Return (tenant_id, reservation_id) of a partition key."""
    tenant_id, _, reservation_id = parts(pk)
    return tenant_id, reservation_id


def shard_of(tenant_id: str) -> int:
    """Return the number of the list with a tenant's open reservations."""
    return crc32(tenant_id.encode()) % SHARDS


def _shadow_part(reservation: Reservation) -> dict[str, Any]:
    if not reservation.would_block:
        return {}
    hold = reservation.hold
    return {
        "would_block": list(reservation.would_block),
        "shadow_list": shadow_list(hold.tenant_id, hold.position[:10]),
        "shadow_position": hold.position,
    }


def shadow_list(tenant_id: str, day: str) -> str:
    """Return the name of the list of a UTC day's reservations that a shadow would refuse."""
    return key(tenant_id, day)


def state_list(tenant_id: str, state: str) -> str:
    """Return the name of the list of a tenant's reservations in this state."""
    return key(tenant_id, state)


def open_list(shard: int) -> str:
    """Return the name of a list of open reservations."""
    return f"open#{shard}"


class OperationRow(Model):
    """The request of an idempotency key, and the ids that it made."""

    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    request = DocumentAttribute()

    @classmethod
    def key_of(cls, tenant_id: str, idempotency_key: str) -> str:
        """Return the partition key of an idempotency key; it is in the reservations table."""
        return key(tenant_id, "operation", idempotency_key)

    @classmethod
    def of(cls, operation: IdempotencyKey) -> "OperationRow":
        """Return the row of this idempotency key."""
        return cls(**cls.values_of(operation))

    @classmethod
    def values_of(cls, operation: IdempotencyKey) -> dict[str, Any]:
        """Return the attributes of this idempotency key's row."""
        pk = cls.key_of(operation.tenant_id, operation.idempotency_key)
        return {"pk": pk, "request": {**operation.request, **operation.made}}
