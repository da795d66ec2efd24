"""Write to the tables. Only transactions of this module move money."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from budget_monitor import deadline
from budget_monitor.adapters.dynamodb.conflicts import (
    ConditionFailedError,
    ConflictError,
    DamagedRowError,
    PassingError,
    persistently,
)
from budget_monitor.adapters.dynamodb.connection import MAX_ITEMS, Reading
from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import RowPosting, announcement
from budget_monitor.adapters.dynamodb.striping import Met, Striping, complete, rows_as_found
from budget_monitor.adapters.dynamodb.writes import Items, Writes
from budget_monitor.adapters.system import SystemClock
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.accounting.growth import Growth
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.transactions import Posting, Transaction

if TYPE_CHECKING:
    from budget_monitor.adapters.dynamodb.alert_table import AlertTable
    from budget_monitor.adapters.dynamodb.heat import Heat

NOTE_SECONDS = 0.5
"""How long a request may wait to note that its tenant is hot."""

OnHeat = Callable[[str, int, datetime], None]
"""Gets a tenant whose shared rows are hot, how many rows its accounts have, and the time."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The result of one write."""

    written: bool
    striped: AbstractSet[AccountKey] = frozenset()
    """The striped accounts that refused, if nothing else did: levelled, they may accept."""


class Committing(Reading):
    """The `Transactions` port: money moves here only."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.writes = 0
        self._layout = Layout(config.system_stripes, config.tenant_stripes)
        self._striping = Striping(self._layout)
        self.on_heat: OnHeat = lambda *_: None
        """What is done about a tenant whose rows are hot."""

    @cached_property
    def alerts(self) -> "AlertTable":
        """The table of alerts."""
        from budget_monitor.adapters.dynamodb.alert_table import AlertTable  # noqa: PLC0415 - lean imports

        return AlertTable(self._alerts, self._config.alerts_table, self._connection)

    @cached_property
    def _heat(self) -> "Heat":
        from budget_monitor.adapters.dynamodb.heat import Heat  # noqa: PLC0415 - lean imports

        return Heat(self._striping)

    @cached_property
    def _writes(self) -> Writes:
        facts = (self._entries, self._reservations, self._operations, self._documents)
        return Writes(self._config.accounts_table, *facts, self._alerts)

    def commit(self, transaction: Transaction) -> bool:
        """Write everything and return True; if a condition fails, write nothing and return False.

        One request. If a striped account must be levelled, one read and one more write. Raises
        UnavailableError if the unit of work has no time left.
        """
        if deadline.left() < 0:
            raise UnavailableError("the request took too long; try again")
        # `_attempt` starts again after a conflict, or if another writer levelled an account
        # meanwhile. Inside it, `_transact` repeats one request with one token: a lost answer
        # writes nothing twice.
        met: Met = []
        try:
            return persistently(lambda: self._attempt(transaction, met))
        finally:
            if met:
                self._note(met)

    def _note(self, met: Met) -> None:
        """Report hot tenants, if the request has time left; each once a minute."""
        if deadline.left() <= 0:
            return
        now, busy = SystemClock().now(), Counter(row for rows in met for row in rows)
        for tenant_id, stripes in self._heat.hot(busy, now):
            with deadline.at_most(NOTE_SECONDS):
                self.on_heat(tenant_id, stripes, now)

    def grow(self, tenant_id: str, growth: Growth) -> None:
        """Open the tenant's accounts with as many rows from now on. No request."""
        self._layout.grow(tenant_id, growth)

    @property
    def tenants_differ(self) -> bool:
        """True if some tenants' accounts have more rows than others'. No request."""
        return self._layout.tenants_differ

    def max_rows(self, account: AccountKey) -> int:
        """Return the maximum of transaction items that a move of the account takes. No request."""
        return self._striping.max_rows(account)

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Store the policy version on every row of the account: one request per row.

        A row with a later version keeps it. Raises UnavailableError.
        """
        for row in self._striping.rows_of([account]):
            said = announcement(Posting.announcing(policy_version))
            with suppress(ConditionFailedError):
                self._transact(Transaction(), {row: said})

    def _attempt(self, transaction: Transaction, met: Met) -> bool:
        """Write it once; `met`: the conflicts of earlier attempts, to which it adds its own."""
        striping, postings, name = self._striping, transaction.postings, transaction.name
        if any(posting.as_found for posting in postings.values()):
            exact = rows_as_found(striping, postings, name, self._rows)
            return exact is not None and self._write(transaction, exact, met).written
        striped: AbstractSet[AccountKey] = striping.shut(postings)
        if not striped:
            outcome = self._write(transaction, striping.fast(postings, name, met), met)
            if not outcome.striped:
                return outcome.written
            striped = outcome.striped
        found = dict[AccountKey, Sequence[Account]]()
        while striped - found.keys():
            try:
                found |= self._found(striped)
            except UnavailableError as fault:
                intact = self._without_unreadable(transaction, striped, fault)
                return self._attempt(intact, met)
            if striping.outdated(postings, found):
                return False
            levelled = striping.slow(postings, name, found)
            if levelled is None:
                return False
            outcome = self._write(transaction, levelled, met)
            if not outcome.striped:
                return outcome.written
            striped = outcome.striped  # these accounts must be levelled too
        raise PassingError

    def _found(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, Sequence[Account]]:
        """Return all rows of each account. One request per account."""
        found = {}
        for account in accounts:
            rows = self._rows(self._striping.rows_of([account]))
            found[account] = [rows[row] for row in self._striping.rows_of([account])]
        return found

    def _without_unreadable(
        self, transaction: Transaction, striped: Iterable[AccountKey], fault: UnavailableError
    ) -> Transaction:
        """Return the transaction without damaged accounts. Raises `fault` if it opens a hold."""
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
        """Return rows that fit into one transaction.

        If there are too many, accounts with several rows are levelled in separate transactions, one
        at a time, those with the most rows first. Their moves then take one row.
        """
        spare = MAX_ITEMS - transaction.facts
        while len(rows) > spare:
            many = Counter(row._replace(stripe=0) for row in rows)
            free = (one for one in many.most_common() if self._may_be_alone(one[0], transaction))
            account, most = next(free, (None, 1))
            if account is None or most == 1:
                break
            self._level_alone(account, transaction)
            posting = {account: transaction.postings[account]}
            others = {k: v for k, v in rows.items() if k._replace(stripe=0) != account}
            rows = others | self._striping.fast(posting, transaction.name)
        return rows

    @staticmethod
    def _may_be_alone(account: AccountKey, transaction: Transaction) -> bool:
        """True if the account may be levelled first; a ceiling must be in the same transaction."""
        return transaction.postings[account].ceiling is None

    def _level_alone(self, account: AccountKey, transaction: Transaction) -> None:
        """Level all rows of the account, with room for the move. No money moves."""
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
        self,
        transaction: Transaction,
        rows: dict[AccountKey, RowPosting],
        met: Met,
    ) -> _Outcome:
        """Write all or nothing. Damaged accounts of a cost are left out, and logged."""
        rows = self._fitted(transaction, rows)
        places = [*[None] * transaction.facts, *rows]
        try:
            self._transact(transaction, rows, but=(ConflictError,))
        except ConditionFailedError as fault:
            failed = {places[place] for place in fault.places}
            striped = {one._replace(stripe=0) for one in failed if one is not None}
            alone = None not in failed and all(
                self._striping.in_question(one, transaction.postings[one]) for one in striped
            )
            return _Outcome(written=False, striped=striped if alone else frozenset())
        except ConflictError as fault:
            found = (row for place, row in enumerate(places) if place in fault.places)
            met.append([row for row in found if row is not None])
            raise
        except DamagedRowError as fault:
            damaged = {places[place] for place in fault.places}
            return self._write(transaction, _without(damaged, rows, transaction), met)
        self._striping.wrote(rows)
        self.writes += 1
        return _Outcome(written=True)

    def _transact(
        self,
        transaction: Transaction,
        rows: Mapping[AccountKey, RowPosting],
        *,
        but: tuple[type[PassingError], ...] = (),
    ) -> None:
        """Write these rows; transient failures except `but` are retried with the same token."""
        token = uuid4().hex

        def attempt() -> None:
            with Items(client_request_token=token, connection=self._connection) as write:
                self._writes.add_all(transaction, rows, write)

        persistently(attempt, but=but)

    def _rows(self, keys: Sequence[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return rows of accounts, and further rows if an account has more than known so far.

        As of one instant, unless other writers conflict. The bounds of a write allow for that.
        """
        rows = self._together([(self._accounts, str(key)) for key in keys])
        found = complete(keys, (row for row in rows if row is not None))
        if self._striping.learn(found):
            accounts = [key for key in keys if key.stripe == 0]
            return self._rows(self._striping.rows_of(accounts))
        return found


def _without(
    damaged: set[AccountKey | None], rows: dict[AccountKey, RowPosting], transaction: Transaction
) -> dict[AccountKey, RowPosting]:
    """Return the intact rows for a cost. Raises UnavailableError for a hold."""
    intact = {row: posting for row, posting in rows.items() if row not in damaged}
    if transaction.opens or len(intact) == len(rows):
        raise UnavailableError("an account is damaged: it accepts no holds until it is reconciled")
    logger.error("damaged accounts are left out until they are reconciled: %s", damaged)
    return intact
