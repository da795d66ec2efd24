"""The `Store` port on DynamoDB. An account is the sum of its rows; `Committing` writes them."""

from collections.abc import Iterable, Mapping

from budget_monitor.adapters.dynamodb.commit import Committing
from budget_monitor.adapters.dynamodb.reads.accounts import AccountLists
from budget_monitor.adapters.dynamodb.reads.documents import DocumentReads
from budget_monitor.adapters.dynamodb.reads.ledger import LedgerReads
from budget_monitor.adapters.dynamodb.reads.reservations import ReservationReads, to_reservation
from budget_monitor.adapters.dynamodb.rows.documents import document_pk
from budget_monitor.adapters.dynamodb.striping import complete, total
from budget_monitor.adapters.system import SystemClock
from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.ports import Snapshot
from budget_monitor.ports.recency import Origin, Recent


class DynamoStore(AccountLists, ReservationReads, LedgerReads, DocumentReads, Committing):
    """The `Store` port on the five tables: one base class a port.

    One DynamoDB request per method, unless said.
    """

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return each account as it is now, strongly consistent; an unknown one is all zeros.

        One request for up to 100 rows.
        """
        wanted = list(dict.fromkeys(keys))
        rows = self._striping.rows_of(wanted)
        found = complete(rows, self._read_accounts([str(row) for row in rows]))
        if self._striping.learn(found):
            return self.accounts(wanted)
        return self._summed(wanted, found)

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Return each account as it is now: this store has no copies."""
        return Recent(origin=Origin(SystemClock().now()), accounts=self.accounts(keys))

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """Return all of these by one TransactGetItems; batch reads if over 100 or in conflict."""
        wanted = list(dict.fromkeys(keys))
        rows = self._striping.rows_of(wanted)
        held = [
            (self._reservations, self._reservations.key_of(*one)) for one in _given(reservation)
        ]
        booked = [(self._entries, self._entries.key_of(*one)) for one in _given(entry)]
        decided = [(self._documents.rows, document_pk(document))] if document else []
        moved = [(self._accounts, str(row)) for row in rows]
        read = self._together([*moved, *held, *booked, *decided])
        found = complete(rows, (row for row in read[: len(rows)] if row is not None))
        if self._striping.learn(found):
            return self.snapshot(wanted, reservation=reservation, entry=entry, document=document)
        facts = read[len(rows) :]
        hold = facts.pop(0) if held else None
        fact = facts.pop(0) if booked else None
        ruling = facts.pop(0) if decided else None
        return Snapshot(
            self._summed(wanted, found),
            to_reservation(hold) if hold else None,
            fact.to_domain() if fact else None,
            ruling.to_domain() if ruling else None,
        )

    def _summed(
        self, wanted: Iterable[AccountKey], rows: Mapping[AccountKey, Account]
    ) -> Mapping[AccountKey, Account]:
        return {
            account: total(account, [rows[row] for row in self._striping.rows_of([account])])
            for account in wanted
        }


def _given(name: tuple[str, str] | None) -> list[tuple[str, str]]:
    return [] if name is None else [name]
