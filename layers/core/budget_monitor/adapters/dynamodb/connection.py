"""Read rows by key, one by one or together, always strongly consistent."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model
from pynamodb.transactions import TransactGet

from budget_monitor.adapters.dynamodb.conflicts import PassingError, classified, persistently
from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow
from budget_monitor.adapters.dynamodb.rows.alerts import AlertRow
from budget_monitor.adapters.dynamodb.rows.attributes import bind
from budget_monitor.adapters.dynamodb.rows.documents import DocumentTable
from budget_monitor.adapters.dynamodb.rows.ledger import EntryRow
from budget_monitor.adapters.dynamodb.rows.reservations import OperationRow, ReservationRow
from budget_monitor.config import Config

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
SDK_RETRIES = 2
"""Retries by the SDK after a lost answer. They use the same token, so nothing is written twice."""

MAX_ITEMS = 100
"""Maximum of items in one DynamoDB transaction, read or write."""
R = TypeVar("R", bound=Model)


class Reading:
    """The row classes of all tables on one connection, and their basic reads."""

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
        self._documents = DocumentTable(config.budgets_table, self._connection)
        self._alerts = bind(AlertRow, config.alerts_table, self._connection)

    def _together(self, keys: Sequence[tuple[type[Model], str]]) -> list[Any]:
        """Return the rows of these keys; None for a row that does not exist.

        As of one instant if one transaction can read them without conflicts. Otherwise each row is
        read strongly consistent, at slightly different instants.
        """
        if len(keys) <= MAX_ITEMS:
            with suppress(PassingError):
                return self._transact_get(keys)
        wanted = dict[type[Model], list[str]]()
        for row, pk in keys:
            wanted.setdefault(row, []).append(pk)
        found = {
            (row, _key_of(one)): one for row, pks in wanted.items() for one in self._read(row, pks)
        }
        return [found.get(key) for key in keys]

    def _transact_get(self, keys: Sequence[tuple[type[Model], str]]) -> list[Any]:
        def attempt() -> list[Any]:
            with TransactGet(connection=self._connection) as read:
                futures = [read.get(row, key) for row, key in keys]
            return [_got(future) for future in futures]

        return classified(attempt) if keys else []

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


def _key_of(row: Model) -> str:
    """Return the partition key of a row of any table."""
    pk: str = row.attribute_values["pk"]
    return pk


def _got(future: Any) -> Any:  # noqa: ANN401 - pynamodb's future is private
    try:
        return future.get()
    except DoesNotExist:
        return None
