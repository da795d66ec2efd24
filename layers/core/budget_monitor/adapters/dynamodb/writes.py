"""Write expressions of transactions. No other module has write expressions for money."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from budget_monitor.adapters.dynamodb.as_found import as_found
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.rows.accounts import WATCHED, AccountRow
from budget_monitor.adapters.dynamodb.rows.alerts import AlertRow
from budget_monitor.adapters.dynamodb.rows.documents import DocumentTable
from budget_monitor.adapters.dynamodb.rows.ledger import EntryRow
from budget_monitor.adapters.dynamodb.rows.reservations import (
    OperationRow,
    ReservationRow,
    state_list,
)
from budget_monitor.domain.accounting.accounts import DEFAULT_TERMS, AccountKey, Move, paused_list
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
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.transactions import IdempotencyKey, Transaction

_UNSETTLED = (RELEASED, EXPIRED)


@dataclass(frozen=True, slots=True)
class Rows:
    """The row classes of all tables."""

    accounts: type[AccountRow]
    entries: type[EntryRow]
    reservations: type[ReservationRow]
    operations: type[OperationRow]
    documents: DocumentTable
    alerts: type[AlertRow]


class Writes:
    """Converts a `Transaction` to the items of a TransactWriteItems."""

    def __init__(self, rows: Rows) -> None:
        self._accounts = rows.accounts
        self._entries = rows.entries
        self._reservations = rows.reservations
        self._operations = rows.operations
        self._documents = rows.documents
        self._alerts = rows.alerts

    def add_all(
        self, transaction: Transaction, rows: Mapping[AccountKey, RowPosting], write: TransactWrite
    ) -> None:
        """Add all facts, each on condition that it is new, and then all moves."""
        self._add_facts(transaction, write)
        for account, posting in rows.items():
            self._add_posting(account, posting, write)

    def _add_facts(self, transaction: Transaction, write: TransactWrite) -> None:
        for entry in transaction.entries:
            write.save(self._entries.of(entry), condition=self._entries.pk.does_not_exist())
        if transaction.opens:
            row = self._reservations.of(transaction.opens)
            write.save(row, condition=self._reservations.pk.does_not_exist())
        named = [one for one in (transaction.idempotency, transaction.decision_id) if one]
        for one in named:
            self._add_name(one, write)
        self._add_documents(transaction, write)
        if transaction.changes:
            self._add_change(transaction.changes, write)
        if transaction.reviews:
            self._review(transaction.reviews, write)
        for alert in transaction.alerts:
            write.save(self._alerts.of(alert), condition=self._alerts.pk.does_not_exist())

    def _add_documents(self, transaction: Transaction, write: TransactWrite) -> None:
        if transaction.stopped:
            self._documents.add_stopped(transaction.stopped, write)
        for reminder in transaction.reminders:
            self._documents.add_reminder(reminder, write)
        for change in transaction.document_changes:
            self._documents.add(change, write)
        for document, version in transaction.counts_on.items():
            self._documents.check(document, version, write)

    def _add_name(self, operation: IdempotencyKey, write: TransactWrite) -> None:
        row = self._documents.operations if operation.of_people else self._operations
        write.save(row.of(operation), condition=row.pk.does_not_exist())

    def _review(self, entry: Entry, write: TransactWrite) -> None:
        row, decided = self._entries, self._entries.of(entry)
        when = decided.happened_on
        write.update(
            row(decided.pk),
            actions=[
                *(getattr(row, name).set(getattr(decided, name)) for name in row.DECIDED),
                row.happened_on.remove() if when is None else row.happened_on.set(when),
            ],
            condition=row.pk.exists() & row.review.does_not_exist(),
        )

    def _add_posting(self, account: AccountKey, posting: RowPosting, write: TransactWrite) -> None:
        row = self._accounts
        actions = [*self._adds(posting), *self._lists(account, posting)]
        if posting.lineage is not None:
            actions.append(row.lineage.set(posting.lineage))
        if posting.name is not None:
            actions.append(row.name.set(row.name | posting.name))
        if posting.began_over is not None:
            actions.append(row.began_over.set(row.began_over | posting.began_over))
        if posting.new_terms is not None:
            actions.append(row.terms.set(posting.new_terms))
        if posting.policy_version:
            actions.append(row.policy_version.set(posting.policy_version))
        if posting.watched:
            actions.append(row.watched.set(WATCHED))
        if posting.level is not None:
            actions.append(row.level.set(posting.level))
        if not actions:
            # A move of zero still opens the account, and an update needs an attribute.
            actions.append(row.entries.add(0))
        write.update(row(str(account)), actions=actions, condition=self._condition(posting))

    def _lists(self, account: AccountKey, posting: RowPosting) -> Iterable[Action]:
        """Put the row on its lists. An index has only rows with all of its keys."""
        row = self._accounts
        if account.listing is not None and posting.listed:
            yield row.listing.set(account.listing)
        if posting.new_terms is not None:
            paused = row.listing.set(paused_list(account.tenant_id))
            yield paused if posting.new_terms.pause else row.listing.remove()
        if account.system_list is not None and posting.listed:
            yield row.system_list.set(account.system_list)
        if account.ranking is None or not posting.listed:
            return
        yield row.ranking.set(account.ranking)
        if posting.began_at is not None:
            yield row.began_at.set(row.began_at | sortable(posting.began_at))
        if posting.move != Move() and not posting.move.spent:
            yield row.spent.add(ZERO)  # a quarantined cost moves nothing, and begins no run

    def _adds(self, posting: RowPosting) -> Iterable[Action]:
        row, move = self._accounts, posting.move
        for name in row.COUNTERS:
            change = getattr(move, name)
            if change:
                yield getattr(row, name).add(change)
        committed = move.committed + posting.shifted
        if committed:
            yield row.committed.add(committed)

    def _condition(self, posting: RowPosting) -> Condition | None:
        row = self._accounts
        found: list[Condition] = []
        least = posting.spent_at_least
        if least is not None:
            enough = row.spent >= least
            found.append(enough if least > 0 else row.spent.does_not_exist() | enough)
        most = posting.committed_at_most
        if most is not None:
            fits = row.committed <= most
            found.append(fits if most < 0 else row.committed.does_not_exist() | fits)
        if posting.holds_below is not None:
            found.append(row.holds.does_not_exist() | (row.holds < posting.holds_below))
        if posting.lineage is not None:
            found.append(row.lineage.does_not_exist() | (row.lineage == posting.lineage))
        if posting.asserts_name:
            unnamed: Condition = row.name.does_not_exist()
            found.append(unnamed if posting.name is None else unnamed | (row.name == posting.name))
        if posting.terms is not None:
            same = row.terms == posting.terms
            usual = posting.terms == DEFAULT_TERMS
            found.append(row.terms.does_not_exist() | same if usual else same)
        if posting.policy_version is not None:
            fresh = row.policy_version <= posting.policy_version
            found.append(row.policy_version.does_not_exist() | fresh)
        if posting.found is not None:
            found.append(self._found(posting.found))
        if posting.as_found is not None:
            found += as_found(row, posting.as_found)
        return reduce(and_, found) if found else None

    def _found(self, found: Found) -> Condition:
        row = self._accounts
        if found.level is None:
            return row.level.does_not_exist()
        same: Condition = row.level == found.level
        if not found.or_new:
            return same
        new: Condition = row.level.does_not_exist() & row.committed.does_not_exist()
        either: Condition = same | new
        return either

    def _add_change(self, change: HoldTransition, write: TransactWrite) -> None:
        if isinstance(change, Extension):
            self._extend(change, write)
        elif isinstance(change, LateSettlement):
            self._settle_late(change, write)
        elif isinstance(change, HoldDraw):
            self._draw(change, write)
        else:
            self._close(change, write)

    def _close(self, change: HoldEnd, write: TransactWrite) -> None:
        row, expected = self._reservations, change.expected
        actions: list[Action] = [
            row.state.set(change.to_state),
            row.state_list.set(state_list(expected.hold.tenant_id, change.to_state)),
            row.resolved_at.set(sortable(change.at)),
            row.open_list.remove(),
        ]
        if change.entry_id is not None:
            actions.append(row.entry_id.set(change.entry_id))
        actions += self._signed(change.principal)
        write.update(self._row_of(expected), actions=actions, condition=self._is(expected))

    def _draw(self, change: HoldDraw, write: TransactWrite) -> None:
        actions: list[Action] = [self._reservations.drawn.set(str(change.result.drawn))]
        actions += self._signed(change.principal)
        condition = self._is(change.expected)
        write.update(self._row_of(change.expected), actions=actions, condition=condition)

    def _is(self, expected: Reservation) -> Condition:
        """The condition that the row is open and has this expiry, these facts and draws."""
        row, drawn = self._reservations, expected.drawn
        undrawn = row.drawn.does_not_exist()
        same: Condition = (
            (row.state == OPEN)
            & (row.facts == expected.hold.facts)
            & (row.expires_at == sortable(expected.expires_at))
            & (row.drawn == str(drawn) if drawn.draws else undrawn)
        )
        return same

    def _settle_late(self, change: LateSettlement, write: TransactWrite) -> None:
        row = self._reservations
        write.update(
            self._row_of(change.ended),
            actions=[row.entry_id.set(change.entry_id), *self._signed(change.principal)],
            condition=row.state.is_in(*_UNSETTLED) & row.entry_id.does_not_exist(),
        )

    def _signed(self, principal: str | None) -> list[Action]:
        """Who changes a reservation, if its request was signed."""
        return [self._reservations.changed_by.set(principal)] if principal else []

    def _row_of(self, reservation: Reservation) -> ReservationRow:
        hold, row = reservation.hold, self._reservations
        return row(row.key_of(hold.tenant_id, hold.reservation_id))

    def _extend(self, change: Extension, write: TransactWrite) -> None:
        row = self._reservations
        at, until = sortable(change.at), sortable(change.expires_at)
        oldest = sortable(change.expires_at - MAX_LIFE)
        running = (row.state == OPEN) & (row.expires_at > at)
        write.update(
            row(row.key_of(change.tenant_id, change.reservation_id)),
            actions=[row.expires_at.set(until), *self._signed(change.principal)],
            condition=running & (row.expires_at < until) & (row.created_at >= oldest),
        )
