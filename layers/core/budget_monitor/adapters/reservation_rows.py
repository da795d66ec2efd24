"""The rows of the reservations table."""

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.models import Model

from budget_monitor.adapters.attributes import stored_instant
from budget_monitor.domain.labels import key
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.reservations import Hold, Reservation
from budget_monitor.domain.transactions import NamedOperation


class ReservationRow(Model):
    """One reservation: the facts never change, the state ends once."""

    pk = UnicodeAttribute(hash_key=True)
    facts = UnicodeAttribute()
    request = JSONAttribute()
    state = UnicodeAttribute()
    created_at = UnicodeAttribute()
    expires_at = UnicodeAttribute()
    resolved_at = UnicodeAttribute(null=True)
    entry_id = UnicodeAttribute(null=True)

    @classmethod
    def key_of(cls, tenant_id: str, reservation_id: str) -> str:
        """The partition key of a reservation."""
        return key(tenant_id, "reservation", reservation_id)

    @classmethod
    def of(cls, reservation: Reservation) -> "ReservationRow":
        """The row that keeps this reservation."""
        hold = reservation.hold
        return cls(
            pk=cls.key_of(hold.tenant_id, hold.reservation_id),
            facts=hold.facts,
            request=dict(reservation.request),
            state=reservation.state,
            created_at=sortable(hold.created_at),
            expires_at=sortable(reservation.expires_at),
        )

    def to_domain(self) -> Reservation:
        """The reservation that this row keeps."""
        tenant_id, _, reservation_id = self.pk.split("#")
        return Reservation(
            hold=Hold.read(tenant_id, reservation_id, self.facts),
            request=self.request,
            expires_at=stored_instant(self.expires_at),
            state=self.state,
            resolved_at=stored_instant(self.resolved_at) if self.resolved_at else None,
            entry_id=self.entry_id,
        )


class OperationRow(Model):
    """One operation that a caller named by an idempotency key alone."""

    pk = UnicodeAttribute(hash_key=True)
    request = JSONAttribute()

    @classmethod
    def key_of(cls, tenant_id: str, idempotency_key: str) -> str:
        """The partition key of a named operation; it lives beside the reservations."""
        return key(tenant_id, "operation", idempotency_key)

    @classmethod
    def of(cls, operation: NamedOperation) -> "OperationRow":
        """The row that keeps this name."""
        pk = cls.key_of(operation.tenant_id, operation.idempotency_key)
        return cls(pk=pk, request=dict(operation.request))
