"""Writing to the tables: one transaction moves money, and nothing else does."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from pynamodb.transactions import TransactWrite

from budget_monitor import deadline
from budget_monitor.adapters.dynamodb.alert_table import AlertTable
from budget_monitor.adapters.dynamodb.as_found import rows_as_found
from budget_monitor.adapters.dynamodb.conflicts import (
    ConditionFailedError,
    DamagedRowError,
    PassingError,
    persistently,
)
from budget_monitor.adapters.dynamodb.connection import MAX_ITEMS
from budget_monitor.adapters.dynamodb.reads import Tables
from budget_monitor.adapters.dynamodb.row_postings import RowPosting, announcement
from budget_monitor.adapters.dynamodb.striping import Layout, Striping, complete
from budget_monitor.adapters.dynamodb.writes import Rows, Writes
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.transactions import Posting, Transaction

logger = logging.getLogger(__name__)


class Committing(Tables):
    """The part of the `Store` port that writes."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._striping = Striping(Layout(config.system_stripes, config.tenant_stripes))
        self.alerts = AlertTable(self._alerts, config.alerts_table, self._connection)
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
        if deadline.left() < 0:
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
            said = announcement(Posting.announcing(policy_version))
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
        found = dict[AccountKey, Sequence[Account]]()
        while striped - found.keys():
            try:
                found |= self._found(striped)
            except UnavailableError as fault:
                return self._attempt(self._without_unreadable(transaction, striped, fault))
            if striping.outdated(postings, found):
                return False
            levelled = striping.slow(postings, name, found)
            if levelled is None:
                return False
            others = self._write(transaction, levelled)
            if not others:
                return others is not None
            striped = others  # accounts that must be levelled, too
        raise PassingError

    def _found(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, Sequence[Account]]:
        """All rows of each account. One request an account."""
        found = {}
        for account in accounts:
            rows = self._rows(self._striping.rows_of([account]))
            found[account] = [rows[row] for row in self._striping.rows_of([account])]
        return found

    def _without_unreadable(
        self, transaction: Transaction, striped: Iterable[AccountKey], fault: UnavailableError
    ) -> Transaction:
        """The same without the accounts of which a row is damaged; a hold is refused."""
        damaged = {one for one in striped if self._is_damaged(one)}
        if transaction.opens or not damaged:
            raise fault
        logger.error("damaged accounts are left out until they are reconciled: %s", damaged)
        left = {k: posting for k, posting in transaction.postings.items() if k not in damaged}
        return replace(transaction, postings=left)

    def _is_damaged(self, account: AccountKey) -> bool:
        try:
            self._found([account])
        except UnavailableError as fault:
            return fault.damaged
        return False

    def _fitted(
        self, transaction: Transaction, rows: dict[AccountKey, RowPosting]
    ) -> dict[AccountKey, RowPosting]:
        """Rows that one transaction takes: accounts with several of them are levelled before.

        One account at a time, those with the most rows first; its move then takes one row.
        """
        spare = MAX_ITEMS - transaction.facts
        while len(rows) > spare:
            many = Counter(replace(row, stripe=0) for row in rows)
            free = (one for one in many.most_common() if self._may_be_alone(one[0], transaction))
            account, most = next(free, (None, 1))
            if account is None or most == 1:
                break
            self._level_alone(account, transaction)
            posting = {account: transaction.postings[account]}
            others = {k: v for k, v in rows.items() if replace(k, stripe=0) != account}
            rows = others | self._striping.fast(posting, transaction.name)
        return rows

    @staticmethod
    def _may_be_alone(account: AccountKey, transaction: Transaction) -> bool:
        """Whether its move may follow a levelling: a ceiling holds only in one with it."""
        return transaction.postings[account].ceiling is None

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


def _without(
    damaged: set[AccountKey | None], rows: dict[AccountKey, RowPosting], transaction: Transaction
) -> dict[AccountKey, RowPosting]:
    """The rows that can be written. A cost is booked on these; a hold is refused."""
    intact = {row: posting for row, posting in rows.items() if row not in damaged}
    if transaction.opens or len(intact) == len(rows):
        raise UnavailableError("an account is damaged and takes no holds until it is reconciled")
    logger.error("damaged accounts are left out until they are reconciled: %s", damaged)
    return intact
