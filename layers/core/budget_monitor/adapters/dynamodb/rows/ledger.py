"""Rows of the ledger table."""

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
from budget_monitor.domain.accounting.labels import Labels, key
from budget_monitor.domain.costs.ledger import BACKFILL, CONFIRMED, LATE, Entry, Review
from budget_monitor.domain.periods import Booking, sortable


class ByDay(GlobalSecondaryIndex["EntryRow"]):
    """Entries of a tenant's UTC day."""

    class Meta:
        index_name = "by_day"
        projection = KeysOnlyProjection()

    day_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class ByExecution(GlobalSecondaryIndex["EntryRow"]):
    """Entries of one execution."""

    class Meta:
        index_name = "by_execution"
        projection = KeysOnlyProjection()

    execution_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class ByWorkflow(GlobalSecondaryIndex["EntryRow"]):
    """Entries of one workflow and its agents."""

    class Meta:
        index_name = "by_workflow"
        projection = KeysOnlyProjection()

    workflow_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class ByMonth(GlobalSecondaryIndex["EntryRow"]):
    """Entries that a tenant booked in a month, in the order in which they were booked."""

    class Meta:
        index_name = "by_month"
        projection = KeysOnlyProjection()

    month_list = UnicodeAttribute(hash_key=True)
    booking_position = UnicodeAttribute(range_key=True)


class EntryRow(Model):
    """One ledger entry, immutable. The one exception: a quarantined entry is reviewed once."""

    by_day = ByDay()
    by_execution = ByExecution()
    by_workflow = ByWorkflow()
    by_month = ByMonth()
    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    day_list = UnicodeAttribute()
    execution_list = UnicodeAttribute(null=True)
    workflow_list = UnicodeAttribute(null=True)
    position = UnicodeAttribute()
    month_list = UnicodeAttribute(null=True)
    booking_position = UnicodeAttribute(null=True)
    tenant_id = UnicodeAttribute()
    entry_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    labels = DocumentAttribute()
    amount = ExactAttribute()
    tokens = CountAttribute()
    input_tokens = CountAttribute(null=True)
    output_tokens = CountAttribute(null=True)
    price = DocumentAttribute(null=True)
    usage = DocumentAttribute(null=True)
    call = DocumentAttribute(null=True)
    month = UnicodeAttribute()
    day = UnicodeAttribute()
    happened_on = UnicodeAttribute(null=True)
    booked_at = UnicodeAttribute(null=True)
    """Instant of the booking if it differs from `occurred_at` or, for a late one, `recorded_at`."""
    occurred_at = UnicodeAttribute()
    recorded_at = UnicodeAttribute()
    reservation_id = UnicodeAttribute(null=True)
    flags = DocumentAttribute()
    adjusts = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    by = UnicodeAttribute(null=True)
    principal = UnicodeAttribute(null=True)
    moved = DocumentAttribute()
    request = DocumentAttribute()
    review = DocumentAttribute(null=True)

    DECIDED = ("review", "flags", "moved", "month", "day", "month_list", "booking_position")
    """Attributes that a review changes, in addition to `happened_on`."""

    @classmethod
    def key_of(cls, tenant_id: str, entry_id: str) -> str:
        """Return the partition key of an entry, cost or adjustment."""
        return key(tenant_id, "entry", entry_id)

    @classmethod
    def of(cls, entry: Entry) -> "EntryRow":
        """Return the row of this entry."""
        return cls(**cls.values_of(entry))

    @classmethod
    def values_of(cls, entry: Entry) -> dict[str, Any]:
        """Return the attributes of this entry's row."""
        tenant_id, labels = entry.tenant_id, entry.labels
        return dict(
            pk=cls.key_of(tenant_id, entry.entry_id),
            day_list=key(tenant_id, sortable(entry.occurred_at)[:10]),
            execution_list=_listed(tenant_id, labels.agent_execution_id),
            workflow_list=_listed(tenant_id, labels.workflow_execution_id),
            position=entry.position,
            month_list=key(tenant_id, entry.booking.month),
            booking_position=entry.booking_position,
            tenant_id=tenant_id,
            entry_id=entry.entry_id,
            kind=entry.kind,
            labels=labels.dump(),
            amount=entry.amount,
            tokens=entry.tokens,
            input_tokens=entry.input_tokens,
            output_tokens=entry.output_tokens,
            price=dict(entry.price) if entry.price is not None else None,
            usage=dict(entry.usage) if entry.usage is not None else None,
            call=dict(entry.call) if entry.call is not None else None,
            **_when(entry),
            occurred_at=sortable(entry.occurred_at),
            recorded_at=sortable(entry.recorded_at),
            reservation_id=entry.reservation_id,
            flags=list(entry.flags),
            adjusts=entry.adjusts,
            reason=entry.reason,
            by=entry.by,
            principal=entry.principal,
            moved=[str(account) for account in entry.moved],
            request=dict(entry.request),
            review=entry.review.dump() if entry.review else None,
        )

    def to_domain(self) -> Entry:
        """Return the entry of this row."""
        late, occurred_at = LATE in self.flags, stored_instant(self.occurred_at)
        recorded_at = stored_instant(self.recorded_at)
        review = Review.load(self.review) if self.review else None
        decided_at = review.at if review and review.state == CONFIRMED else recorded_at
        usual = decided_at if late else occurred_at
        moment = stored_instant(self.booked_at) if self.booked_at else usual
        return Entry(
            entry_id=self.entry_id,
            tenant_id=self.tenant_id,
            kind=self.kind,
            labels=Labels.load(self.labels),
            amount=self.amount,
            booking=Booking(
                self.month, self.day, late, self.happened_on, moment, BACKFILL in self.flags
            ),
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            request=self.request,
            tokens=self.tokens,
            **self._counts(),
            price=self.price,
            usage=self.usage,
            call=self.call,
            reservation_id=self.reservation_id,
            flags=tuple(self.flags),
            adjusts=self.adjusts,
            reason=self.reason,
            by=self.by,
            principal=self.principal,
            moved=tuple(AccountKey.parse(text) for text in self.moved),
            review=review,
        )

    def _counts(self) -> dict[str, int]:
        """Return input and output tokens; older rows have them only in `usage`."""
        stored = {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        said = self.usage or {}
        return {
            name: said.get(name, 0) if count is None else count for name, count in stored.items()
        }


def _when(entry: Entry) -> dict[str, Any]:
    booking = entry.booking
    usual = entry.recorded_at if booking.late else entry.occurred_at
    elsewhere = booking.moment not in {None, usual}
    return {
        "month": booking.month,
        "day": booking.day,
        "happened_on": booking.happened_on,
        "booked_at": sortable(booking.moment) if booking.moment and elsewhere else None,
    }


def _listed(tenant_id: str, name: str | None) -> str | None:
    return None if name is None else key(tenant_id, name)
