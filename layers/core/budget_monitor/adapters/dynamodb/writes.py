"""Convert a transaction to items; `account_updates` has the expressions of its money."""

from collections.abc import Mapping
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from budget_monitor.adapters.dynamodb.row_postings import RowPosting
from budget_monitor.adapters.dynamodb.rows.account_updates import update_of
from budget_monitor.adapters.dynamodb.rows.alerts import AlertRow
from budget_monitor.adapters.dynamodb.rows.attributes import item_of
from budget_monitor.adapters.dynamodb.rows.documents import DocumentTable
from budget_monitor.adapters.dynamodb.rows.ledger import EntryRow
from budget_monitor.adapters.dynamodb.rows.reservations import (
    OperationRow,
    ReservationRow,
    state_list,
)
from budget_monitor.adapters.dynamodb.rows.updates import Update
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    MAX_LIFE,
    OPEN,
    RELEASED,
    Extension,
    HoldDraw,
    HoldEnd,
    HoldTransition,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.domain.values import dataclass

_UNSETTLED = (RELEASED, EXPIRED)


class Items(TransactWrite):
    """The items of a TransactWriteItems: those of row classes, and updates as DynamoDB takes them.

    Updates stand last, in the order in which they came.
    """

    def add_new(self, row: type[Model], values: Mapping[str, Any]) -> None:
        """Add a row with these attributes, on condition that there is none with its key."""
        put = {"TableName": row.Meta.table_name, "Item": item_of(row, values)}
        self._put_items.append({**put, "ConditionExpression": "attribute_not_exists (pk)"})

    def add_update(self, update: dict[str, Any]) -> None:
        """Add an update as DynamoDB takes it."""
        self._update_items.append(update)


@dataclass(frozen=True, slots=True)
class Writes:
    """Converts a `Transaction` to the items of a TransactWriteItems."""

    accounts_table: str
    entries: type[EntryRow]
    reservations: type[ReservationRow]
    operations: type[OperationRow]
    documents: DocumentTable
    alerts: type[AlertRow]

    def add_all(
        self, transaction: Transaction, rows: Mapping[AccountKey, RowPosting], write: Items
    ) -> None:
        """Add all facts, each on condition that it is new, and then all moves."""
        self._add_facts(transaction, write)
        table = self.accounts_table
        for account, posting in rows.items():
            write.add_update(update_of(table, account, posting))

    def _add_facts(self, transaction: Transaction, write: Items) -> None:
        for entry in transaction.entries:
            write.add_new(self.entries, self.entries.values_of(entry))
        if transaction.opens:
            write.add_new(self.reservations, self.reservations.values_of(transaction.opens))
        named = [one for one in (transaction.idempotency, transaction.decision_id) if one]
        for one in named:
            self._add_name(one, write)
        self._add_documents(transaction, write)
        if transaction.changes:
            self._add_change(transaction.changes, write)
        if transaction.reviews:
            self._review(transaction.reviews, write)
        for alert in transaction.alerts:
            write.add_new(self.alerts, self.alerts.values_of(alert))

    def _add_documents(self, transaction: Transaction, write: Items) -> None:
        if transaction.stopped:
            self.documents.add_stopped(transaction.stopped, write)
        for reminder in transaction.reminders:
            self.documents.add_reminder(reminder, write)
        for change in transaction.document_changes:
            self.documents.add(change, write)
        for document, version in transaction.counts_on.items():
            self.documents.check(document, version, write)

    def _add_name(self, operation: IdempotencyKey, write: Items) -> None:
        row = self.documents.operations if operation.of_people else self.operations
        write.add_new(row, row.values_of(operation))

    def _review(self, entry: Entry, write: Items) -> None:
        row, decided = self.entries, self.entries.of(entry)
        when = decided.happened_on
        write.update(
            row(decided.pk),
            actions=[
                *(getattr(row, name).set(getattr(decided, name)) for name in row.DECIDED),
                row.happened_on.remove() if when is None else row.happened_on.set(when),
            ],
            condition=row.pk.exists() & row.review.does_not_exist(),
        )

    def _add_change(self, change: HoldTransition, write: Items) -> None:
        if isinstance(change, Extension):
            self._extend(change, write)
        elif isinstance(change, LateSettlement):
            self._settle_late(change, write)
        elif isinstance(change, HoldDraw):
            self._draw(change, write)
        else:
            self._close(change, write)

    def _close(self, change: HoldEnd, write: Items) -> None:
        update, expected = Update(), change.expected
        update.set("state", change.to_state)
        update.set("state_list", state_list(expected.hold.tenant_id, change.to_state))
        update.set("resolved_at", sortable(change.at))
        update.remove("open_list")
        if change.entry_id is not None:
            update.set("entry_id", change.entry_id)
        self._update_open(expected, update, change.principal, write)

    def _draw(self, change: HoldDraw, write: Items) -> None:
        update = Update()
        update.set("drawn", str(change.result.drawn))
        self._update_open(change.expected, update, change.principal, write)

    def _update_open(
        self, expected: Reservation, update: Update, principal: str | None, write: Items
    ) -> None:
        """Update a row, on condition that it is open and has this expiry, these facts and draws."""
        if principal:
            update.set("changed_by", principal)
        update.expect("state", "=", OPEN)
        update.expect("facts", "=", expected.hold.facts)
        update.expect("expires_at", "=", sortable(expected.expires_at))
        if expected.drawn.draws:
            update.expect("drawn", "=", str(expected.drawn))
        else:
            update.expect_none("drawn")
        row, hold = self.reservations, expected.hold
        pk = row.key_of(hold.tenant_id, hold.reservation_id)
        write.add_update(update.of(row.Meta.table_name, pk))

    def _settle_late(self, change: LateSettlement, write: Items) -> None:
        row = self.reservations
        write.update(
            self._row_of(change.ended),
            actions=[row.entry_id.set(change.entry_id), *self._signed(change.principal)],
            condition=row.state.is_in(*_UNSETTLED) & row.entry_id.does_not_exist(),
        )

    def _signed(self, principal: str | None) -> list[Action]:
        """Who changes a reservation, if its request was signed."""
        return [self.reservations.changed_by.set(principal)] if principal else []

    def _row_of(self, reservation: Reservation) -> ReservationRow:
        hold, row = reservation.hold, self.reservations
        return row(row.key_of(hold.tenant_id, hold.reservation_id))

    def _extend(self, change: Extension, write: Items) -> None:
        row = self.reservations
        at, until = sortable(change.at), sortable(change.expires_at)
        oldest = sortable(change.expires_at - MAX_LIFE)
        running = (row.state == OPEN) & (row.expires_at > at)
        write.update(
            row(row.key_of(change.tenant_id, change.reservation_id)),
            actions=[row.expires_at.set(until), *self._signed(change.principal)],
            condition=running & (row.expires_at < until) & (row.created_at >= oldest),
        )
