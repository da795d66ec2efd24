"""The store on DynamoDB: one transaction writes money, and nothing else does."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
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
from budget_monitor.adapters.reading import MOST_ITEMS
from budget_monitor.adapters.row_postings import RowPosting, announcement
from budget_monitor.adapters.striping import Striping, complete, total
from budget_monitor.adapters.system import SystemClock
from budget_monitor.adapters.tables import Tables, to_reservation
from budget_monitor.adapters.writes import Rows, Writes
from budget_monitor.config import Config
from budget_monitor.domain.accounts import Account, AccountKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.transactions import DocumentKey, Posting, Transaction
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

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Say on every row of the account that the policy changed: a request a row.

        A row that says a later version keeps it. Raises UnavailableError.
        """
        for row in self._striping.rows_of([account]):
            said = announcement(Posting(policy_version=policy_version, announces=True))
            with suppress(ConditionFailedError):
                self._transact(Transaction(), {row: said})

    def _attempt(self, transaction: Transaction) -> bool:
        striping, postings, name = self._striping, transaction.postings, transaction.name
        if any(posting.as_found for posting in postings.values()):
            exact = rows_as_found(striping, postings, name, self._rows)
            return exact is not None and self._write(transaction, exact) == set()
        striped = striping.shut(postings) or self._write(transaction, striping.fast(postings, name))
        if not striped:
            return striped is not None
        found = self._found(striped)
        if striping.outdated(postings, found):
            return False
        levelled = striping.slow(postings, name, found)
        if levelled is None:
            return False
        if moved_meanwhile := self._write(transaction, levelled):
            raise PassingError
        return moved_meanwhile is not None

    def _found(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, Sequence[Account]]:
        """All rows of each account. One request an account."""
        found = {}
        for account in accounts:
            rows = self._rows(self._striping.rows_of([account]))
            found[account] = [rows[row] for row in self._striping.rows_of([account])]
        return found

    def _fitted(
        self, transaction: Transaction, rows: dict[AccountKey, RowPosting]
    ) -> dict[AccountKey, RowPosting]:
        """Rows that one transaction takes: accounts with several of them are levelled before.

        One account at a time, those with the most rows first; its move then takes one row.
        """
        spare = MOST_ITEMS - transaction.facts
        while len(rows) > spare:
            many = Counter(replace(row, stripe=0) for row in rows)
            account, most = many.most_common(1)[0]
            if most == 1:
                break
            self._level_alone(account, transaction)
            posting = {account: transaction.postings[account]}
            others = {k: v for k, v in rows.items() if replace(k, stripe=0) != account}
            rows = others | self._striping.fast(posting, transaction.name)
        return rows

    def _level_alone(self, account: AccountKey, transaction: Transaction) -> None:
        """Bring all rows of the account to its level, with room for the move; no money moves."""
        posting, stripes = transaction.postings[account], self._found([account])[account]
        rows = self._striping.alone(account, posting, transaction.name, stripes)
        try:
            if rows is None:
                raise PassingError
            self._transact(Transaction(), rows)
        except (ConditionFailedError, DamagedRowError) as fault:
            raise PassingError from fault
        self._striping.wrote(rows)

    def _write(
        self, transaction: Transaction, rows: dict[AccountKey, RowPosting]
    ) -> set[AccountKey] | None:
        """Nothing where it was written, else the striped accounts that alone said no; else None."""
        rows = self._fitted(transaction, rows)
        places = [*[None] * transaction.facts, *rows]
        try:
            self._transact(transaction, rows)
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

    def _transact(self, transaction: Transaction, rows: Mapping[AccountKey, RowPosting]) -> None:
        token = uuid4().hex

        def attempt() -> None:
            with TransactWrite(client_request_token=token, connection=self._connection) as write:
                self._writes.add_all(transaction, rows, write)

        persistently(attempt)

    def _rows(self, keys: Sequence[AccountKey]) -> Mapping[AccountKey, Account]:
        """Rows of accounts; more of them where an account turns out to have more.

        At one moment, unless other writers are in the way: the bounds of a write allow for that.
        """
        rows = self._together([(self._accounts, str(key)) for key in keys])
        found = complete(keys, (row.to_domain() for row in rows if row is not None))
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
        found = complete(rows, (row.to_domain() for row in read))
        if self._striping.learn(found):
            return self.accounts(wanted)
        return self._summed(wanted, found)

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Each account as it is now: there is no copy of it here."""
        return Recent(origin=Origin(SystemClock().now()), accounts=self.accounts(keys))

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """All of these: one TransactGetItems. Under conflicts, or over 100 items, batch reads."""
        wanted = list(dict.fromkeys(keys))
        rows = self._striping.rows_of(wanted)
        held = [
            (self._reservations, self._reservations.key_of(*one)) for one in _given(reservation)
        ]
        booked = [(self._entries, self._entries.key_of(*one)) for one in _given(entry)]
        decided = [(self._documents.rows, document_pk(document))] if document else []
        moved = [(self._accounts, str(row)) for row in rows]
        read = self._together([*moved, *held, *booked, *decided])
        found = complete(rows, (row.to_domain() for row in read[: len(rows)] if row is not None))
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
