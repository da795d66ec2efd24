"""The rows of the tables, and their translation from and to the domain."""

from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from pynamodb.attributes import Attribute, JSONAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.constants import NUMBER
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from budget_monitor.domain.accounts import Account, AccountKey, Move
from budget_monitor.domain.labels import Labels, key
from budget_monitor.domain.ledger import (
    Entry,
    Hold,
    NamedOperation,
    Reservation,
    position,
)
from budget_monitor.domain.periods import Booking, parse_instant, sortable


class ExactAttribute(Attribute[Decimal]):
    """A DynamoDB number that stays the decimal that it is; pynamodb's own goes through float."""

    attr_type = NUMBER

    def serialize(self, value: Decimal) -> str:
        """Digits without exponent. Raises TypeError for anything but a finite Decimal."""
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"not an exact number: {value!r}")
        return format(value, "f")

    def deserialize(self, value: str) -> Decimal:
        """The number, to the last digit."""
        return Decimal(value)


class _CountAttribute(Attribute[int]):
    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(int(value))

    def deserialize(self, value: str) -> int:
        return int(Decimal(value))


class _ListingIndex(GlobalSecondaryIndex["AccountRow"]):
    class Meta:
        index_name = "listing"
        projection = KeysOnlyProjection()

    listing = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class AccountRow(Model):
    """One account. Absent counters are zero; `committed` is kept for conditions to compare."""

    by_listing = _ListingIndex()
    pk = UnicodeAttribute(hash_key=True)
    listing = UnicodeAttribute(null=True)
    lineage = UnicodeAttribute(null=True)
    spent = ExactAttribute(null=True)
    held = ExactAttribute(null=True)
    committed = ExactAttribute(null=True)
    workflow_spent = ExactAttribute(null=True)
    entries = _CountAttribute(null=True)
    tokens = _CountAttribute(null=True)
    input_tokens = _CountAttribute(null=True)
    output_tokens = _CountAttribute(null=True)

    COUNTERS = (
        "spent",
        "held",
        "workflow_spent",
        "entries",
        "tokens",
        "input_tokens",
        "output_tokens",
    )

    def to_domain(self) -> Account:
        """The account that this row keeps."""
        stored = {name: getattr(self, name) for name in self.COUNTERS}
        totals = Move(**{name: value for name, value in stored.items() if value is not None})
        return Account(AccountKey.parse(self.pk), totals, self.lineage, seen=True)


class _ByDay(GlobalSecondaryIndex["EntryRow"]):
    class Meta:
        index_name = "by_day"
        projection = KeysOnlyProjection()

    day_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _ByExecution(GlobalSecondaryIndex["EntryRow"]):
    class Meta:
        index_name = "by_execution"
        projection = KeysOnlyProjection()

    execution_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class _ByWorkflow(GlobalSecondaryIndex["EntryRow"]):
    class Meta:
        index_name = "by_workflow"
        projection = KeysOnlyProjection()

    workflow_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class EntryRow(Model):
    """One ledger entry, never changed once written."""

    by_day = _ByDay()
    by_execution = _ByExecution()
    by_workflow = _ByWorkflow()
    pk = UnicodeAttribute(hash_key=True)
    day_list = UnicodeAttribute()
    execution_list = UnicodeAttribute(null=True)
    workflow_list = UnicodeAttribute(null=True)
    position = UnicodeAttribute()
    tenant_id = UnicodeAttribute()
    entry_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    labels = JSONAttribute()
    amount = ExactAttribute()
    tokens = _CountAttribute()
    usage = JSONAttribute(null=True)
    month = UnicodeAttribute()
    day = UnicodeAttribute()
    late_on = UnicodeAttribute(null=True)
    occurred_at = UnicodeAttribute()
    recorded_at = UnicodeAttribute()
    reservation_id = UnicodeAttribute(null=True)
    flags = JSONAttribute()
    adjusts = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    by = UnicodeAttribute(null=True)
    moved = JSONAttribute()
    request = JSONAttribute()

    @classmethod
    def key_of(cls, tenant_id: str, entry_id: str) -> str:
        """The partition key of an entry, cost or adjustment."""
        return key(tenant_id, "entry", entry_id)

    @classmethod
    def of(cls, entry: Entry) -> "EntryRow":
        """The row that keeps this entry."""
        tenant_id, labels = entry.tenant_id, entry.labels
        return cls(
            pk=cls.key_of(tenant_id, entry.entry_id),
            day_list=key(tenant_id, sortable(entry.occurred_at)[:10]),
            execution_list=_listed(tenant_id, labels.agent_execution_id),
            workflow_list=_listed(tenant_id, labels.workflow_execution_id),
            position=position(entry.occurred_at, entry.entry_id),
            tenant_id=tenant_id,
            entry_id=entry.entry_id,
            kind=entry.kind,
            labels=labels.dump(),
            amount=entry.amount,
            tokens=entry.tokens,
            usage=dict(entry.usage) if entry.usage is not None else None,
            month=entry.booking.month,
            day=entry.booking.day,
            late_on=entry.booking.late_on,
            occurred_at=sortable(entry.occurred_at),
            recorded_at=sortable(entry.recorded_at),
            reservation_id=entry.reservation_id,
            flags=list(entry.flags),
            adjusts=entry.adjusts,
            reason=entry.reason,
            by=entry.by,
            moved=[str(account) for account in entry.moved],
            request=dict(entry.request),
        )

    def to_domain(self) -> Entry:
        """The entry that this row keeps."""
        return Entry(
            entry_id=self.entry_id,
            tenant_id=self.tenant_id,
            kind=self.kind,
            labels=Labels.load(self.labels),
            amount=self.amount,
            booking=Booking(self.month, self.day, self.late_on),
            occurred_at=_instant(self.occurred_at),
            recorded_at=_instant(self.recorded_at),
            request=self.request,
            tokens=self.tokens,
            usage=self.usage,
            reservation_id=self.reservation_id,
            flags=tuple(self.flags),
            adjusts=self.adjusts,
            reason=self.reason,
            by=self.by,
            moved=tuple(AccountKey.parse(text) for text in self.moved),
        )


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
            expires_at=_instant(self.expires_at),
            state=self.state,
            resolved_at=_instant(self.resolved_at) if self.resolved_at else None,
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


def _listed(tenant_id: str, name: str | None) -> str | None:
    return None if name is None else key(tenant_id, name)


def _instant(text: str) -> datetime:
    return parse_instant(text, "stored instant")


R = TypeVar("R", bound=Model)


def bind(row: type[R], table: str, connection: Connection) -> type[R]:
    """A row class of its own for this table, over a connection that all tables share."""
    meta = type("Meta", (), {"table_name": table, "region": connection.region})
    bound = type(row)(row.__name__, (row,), {"Meta": meta, "__module__": row.__module__})
    own: TableConnection = bound._get_connection()
    with suppress(ValueError):  # two kinds of rows share a table, whose keys are the same
        connection.add_meta_table(own.get_meta_table())
    own.connection = connection
    return bound
