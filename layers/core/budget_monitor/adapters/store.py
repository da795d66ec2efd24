"""The store on DynamoDB: one transaction writes money, and nothing else does."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

from budget_monitor.adapters.account_rows import AccountRow
from budget_monitor.adapters.attributes import bind
from budget_monitor.adapters.conflicts import ConditionFailedError, persistently
from budget_monitor.adapters.ledger_rows import ByDay, ByExecution, ByWorkflow, EntryRow
from budget_monitor.adapters.reservation_rows import OperationRow, ReservationRow
from budget_monitor.adapters.writes import Writes
from budget_monitor.config import Config
from budget_monitor.domain.accounts import EXECUTION, Account, AccountKey
from budget_monitor.domain.labels import key, parts
from budget_monitor.domain.ledger import Entry
from budget_monitor.domain.requests import Request
from budget_monitor.domain.reservations import Reservation
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Page, Snapshot, Span

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
SDK_RETRIES = 2
"""A lost answer is asked for again by the SDK with the same token, so nothing happens twice."""

_BEFORE_ALL, _AFTER_ALL = "0", ":"
"""Positions begin with a digit: these stand before and after all of them."""

_EntryIndex = ByDay | ByExecution | ByWorkflow
R = TypeVar("R", bound=Model)


class DynamoStore:
    """The `Store` port on the five tables. Costs: one DynamoDB request a method, unless said."""

    def __init__(self, config: Config) -> None:
        self._connection = Connection(
            region=config.region,
            connect_timeout_seconds=CONNECT_SECONDS,
            read_timeout_seconds=READ_SECONDS,
            max_retry_attempts=SDK_RETRIES,
        )
        self._accounts = bind(AccountRow, config.accounts_table, self._connection)
        self._entries = bind(EntryRow, config.ledger_table, self._connection)
        self._reservations = bind(ReservationRow, config.reservations_table, self._connection)
        self._operations = bind(OperationRow, config.reservations_table, self._connection)
        self._writes = Writes(self._accounts, self._entries, self._reservations, self._operations)

    def commit(self, transaction: Transaction) -> bool:
        """Write all of it and answer True, or nothing and answer False: a condition failed."""
        token = uuid4().hex

        def attempt() -> None:
            with TransactWrite(client_request_token=token, connection=self._connection) as write:
                self._writes.add_all(transaction, write)

        try:
            persistently(attempt)
        except ConditionFailedError:
            return False
        return True

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Each account as it is now, strongly consistent; one never moved is all zeros.

        One request for up to 100 accounts.
        """
        wanted = list(dict.fromkeys(keys))
        rows = self._read(self._accounts, [str(one) for one in wanted])
        return _complete(wanted, (row.to_domain() for row in rows))

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
    ) -> Snapshot:
        """All of these at one moment: one TransactGetItems."""
        wanted = list(dict.fromkeys(keys))

        def attempt() -> Snapshot:
            with TransactGet(connection=self._connection) as read:
                accounts = [read.get(self._accounts, str(one)) for one in wanted]
                held = reservation and read.get(
                    self._reservations, self._reservations.key_of(*reservation)
                )
                booked = entry and read.get(self._entries, self._entries.key_of(*entry))
            found = (row.to_domain() for row in map(_got, accounts) if row is not None)
            hold, fact = held and _got(held), booked and _got(booked)
            return Snapshot(
                _complete(wanted, found),
                hold.to_domain() if hold else None,
                fact.to_domain() if fact else None,
            )

        return persistently(attempt)

    def reservation(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """The reservation as it is now, or None."""
        row = self._get(self._reservations, self._reservations.key_of(tenant_id, reservation_id))
        return row.to_domain() if row else None

    def operation(self, tenant_id: str, idempotency_key: str) -> Request | None:
        """What was asked under this idempotency key, or None."""
        row = self._get(self._operations, self._operations.key_of(tenant_id, idempotency_key))
        return row.request if row else None

    def entry(self, tenant_id: str, entry_id: str) -> Entry | None:
        """The entry, or None."""
        row = self._get(self._entries, self._entries.key_of(tenant_id, entry_id))
        return row.to_domain() if row else None

    def entries(self, tenant_id: str, entry_ids: Iterable[str]) -> Mapping[str, Entry]:
        """Those of the entries that exist. One request for up to 100."""
        keys = [self._entries.key_of(tenant_id, one) for one in entry_ids]
        return {row.entry_id: row.to_domain() for row in self._read(self._entries, keys)}

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """The accounts of a list. One opened a moment ago may be missing."""
        rows = persistently(lambda: list(self._accounts.by_listing.query(listing)))
        return [AccountKey.parse(row.pk) for row in rows]

    def entries_of_run(self, run: AccountKey, limit: int, after: str | None) -> Page:
        """The entries of an execution, or of a workflow and its agents, oldest first."""
        row = self._entries
        index = row.by_execution if run.scope == EXECUTION else row.by_workflow
        return _page(index, key(run.tenant_id, run.scope_id), Span(after=after), limit)

    def entries_of_day(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """The entries of a UTC day within the span, oldest first."""
        return _page(self._entries.by_day, key(tenant_id, day), span, limit)

    @staticmethod
    def _get(row: type[R], pk: str) -> R | None:
        def attempt() -> R | None:
            try:
                return row.get(pk, consistent_read=True)
            except DoesNotExist:
                return None

        return persistently(attempt)

    @staticmethod
    def _read(row: type[R], keys: list[str]) -> list[R]:
        return persistently(lambda: list(row.batch_get(keys, consistent_read=True)))


def _complete(
    wanted: Iterable[AccountKey], found: Iterable[Account]
) -> Mapping[AccountKey, Account]:
    known = {account.key: account for account in found}
    return {key: known.get(key) or Account(key) for key in wanted}


def _got(future: Any) -> Any:  # noqa: ANN401 - pynamodb's future is private
    try:
        return future.get()
    except DoesNotExist:
        return None


def _page(index: _EntryIndex, list_key: str, span: Span, limit: int) -> Page:
    """One page of a list; it asks for one more than the page holds, to know of a next."""
    # "\0" makes the start exclusive: nothing sorts between a text and the same text with it.
    start = f"{span.after}\0" if span.after else span.start or _BEFORE_ALL
    within = type(index).position.between(start, span.end or _AFTER_ALL)
    query = partial(index.query, list_key, within, limit=limit + 1)
    rows = persistently(lambda: list(query()))
    ids = [parts(row.pk)[2] for row in rows[:limit]]
    return Page(ids, rows[limit - 1].position if len(rows) > limit else None)
