"""The store on DynamoDB: one transaction writes money, and nothing else does."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from pynamodb.transactions import TransactWrite

from budget_monitor import patience
from budget_monitor.adapters.alert_book import AlertBook
from budget_monitor.adapters.as_found import rows_as_found
from budget_monitor.adapters.conflicts import (
    ConditionFailedError,
    DamagedRowError,
    PassingError,
    persistently,
)
from budget_monitor.adapters.document_rows import document_pk
from budget_monitor.adapters.layout import Layout
from budget_monitor.adapters.row_postings import RowPosting
from budget_monitor.adapters.striping import Striping, total
from budget_monitor.adapters.system import SystemClock
from budget_monitor.adapters.tables import Tables, to_reservation
from budget_monitor.adapters.writes import Rows, Writes
from budget_monitor.config import Config
from budget_monitor.domain.accounts import Account, AccountKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.transactions import DocumentKey, Transaction
from budget_monitor.ports import Snapshot
from budget_monitor.ports.recency import Origin, Recent

logger = logging.getLogger(__name__)


class DynamoStore(Tables):
    """The `Store` port on the five tables. Costs: one DynamoDB request a method, unless said."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._striping = Striping(Layout(config.system_stripes, config.tenant_stripes))
        self.alerts = AlertBook(self._alerts, config.alerts_table, self._connection)
        self._writes = Writes(
            Rows(
                self._accounts,
                self._entries,
                self._reservations,
                self._operations,
                self._documents,
                self._alerts,
            )
        )

    def commit(self, transaction: Transaction) -> bool:
        """Write all of it and answer True, or nothing and answer False: a condition failed.

        One request, unless a striped account must be levelled first: then one read and one more.
        None is begun where the unit of work has used its time up.
        """
        if patience.left() < 0:
            raise UnavailableError("the request took too long; try again")
        return persistently(lambda: self._attempt(transaction))

    def most_rows(self, account: AccountKey) -> int:
        """How many of a transaction's 100 items a move of the account may take. No request."""
        return self._striping.most_rows(account)

    def _attempt(self, transaction: Transaction) -> bool:
        postings, name = transaction.postings, transaction.name
        if any(posting.as_found for posting in postings.values()):
            exact = rows_as_found(self._striping, postings, name, self._rows)
            return exact is not None and self._write(transaction, exact) == set()
        striped = self._write(transaction, self._striping.fast(postings, name))
        if not striped:
            return striped is not None
        rows = self._rows(self._striping.rows_of(striped))
        found = {
            account: [rows[row] for row in self._striping.rows_of([account])] for account in striped
        }
        if self._striping.outdated(postings, found):
            return False
        levelled = self._striping.slow(postings, name, found)
        if levelled is None:
            return False
        moved_meanwhile = self._write(transaction, levelled)
        if moved_meanwhile:
            raise PassingError
        return moved_meanwhile is not None

    def _write(
        self, transaction: Transaction, rows: dict[AccountKey, RowPosting]
    ) -> set[AccountKey] | None:
        """Nothing where it was written, else the striped accounts that alone said no; else None."""
        token, places = uuid4().hex, list[AccountKey | None]()

        def attempt() -> None:
            with TransactWrite(client_request_token=token, connection=self._connection) as write:
                places[:] = self._writes.add_all(transaction, rows, write)

        try:
            persistently(attempt)
        except ConditionFailedError as fault:
            failed = {places[place] for place in fault.places}
            striped = {replace(one, stripe=0) for one in failed if one is not None}
            alone = None not in failed and all(
                self._striping.in_question(one, transaction.postings[one]) for one in striped
            )
            return striped if alone else None
        except DamagedRowError as fault:
            damaged = {places[place] for place in fault.places}
            return self._write(transaction, _without(damaged, rows, transaction))
        self._striping.wrote(rows)
        return set()

    def _rows(self, keys: Sequence[AccountKey]) -> Mapping[AccountKey, Account]:
        """Rows of accounts at one moment; more of them where an account turns out to have more."""
        rows = self._transact_get([(self._accounts, str(key)) for key in keys])
        found = _complete(keys, (row.to_domain() for row in rows if row is not None))
        if self._striping.learn(found):
            accounts = [key for key in keys if key.stripe == 0]
            return self._rows(self._striping.rows_of(accounts))
        return found

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Each account as it is now, strongly consistent; one never moved is all zeros.

        One request for up to 100 rows.
        """
        wanted = list(dict.fromkeys(keys))
        rows = self._striping.rows_of(wanted)
        read = self._read(self._accounts, [str(row) for row in rows])
        found = _complete(rows, (row.to_domain() for row in read))
        if self._striping.learn(found):
            return self.accounts(wanted)
        return self._summed(wanted, found)

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Each account as it is now: there is no copy of it here."""
        origin = Origin(SystemClock().now())
        return Recent(self.accounts(keys), origin)

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """All of these at one moment: one TransactGetItems."""
        wanted = list(dict.fromkeys(keys))
        rows = self._striping.rows_of(wanted)
        held = [
            (self._reservations, self._reservations.key_of(*one)) for one in _given(reservation)
        ]
        booked = [(self._entries, self._entries.key_of(*one)) for one in _given(entry)]
        decided = [(self._documents.rows, document_pk(document))] if document else []
        moved = [(self._accounts, str(row)) for row in rows]
        read = self._transact_get([*moved, *held, *booked, *decided])
        found = _complete(rows, (row.to_domain() for row in read[: len(rows)] if row is not None))
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


def _complete(
    wanted: Iterable[AccountKey], found: Iterable[Account]
) -> Mapping[AccountKey, Account]:
    known = {account.key: account for account in found}
    return {key: known.get(key) or Account(key) for key in wanted}


def _without(
    damaged: set[AccountKey | None], rows: dict[AccountKey, RowPosting], transaction: Transaction
) -> dict[AccountKey, RowPosting]:
    """The rows that can be written. A cost is booked on these; a hold is refused."""
    intact = {row: posting for row, posting in rows.items() if row not in damaged}
    if transaction.opens or len(intact) == len(rows):
        raise UnavailableError("an account is damaged and takes no holds until it is reconciled")
    logger.error("damaged accounts are left out until they are reconciled: %s", damaged)
    return intact


def _given(name: tuple[str, str] | None) -> list[tuple[str, str]]:
    return [] if name is None else [name]
