"""Read rows by key, one by one or together, always strongly consistent."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import Any, TypeVar

from pynamodb.constants import STRING
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from budget_monitor.adapters.dynamodb.conflicts import PassingError, classified, persistently
from budget_monitor.adapters.dynamodb.lean_connection import LeanConnection
from budget_monitor.adapters.dynamodb.rows.account_items import Item, account_of
from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow
from budget_monitor.adapters.dynamodb.rows.alerts import AlertRow
from budget_monitor.adapters.dynamodb.rows.attributes import bind
from budget_monitor.adapters.dynamodb.rows.documents import DocumentTable
from budget_monitor.adapters.dynamodb.rows.ledger import EntryRow
from budget_monitor.adapters.dynamodb.rows.reservations import OperationRow, ReservationRow
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import Account

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
SDK_RETRIES = 2
"""Retries by the SDK after a lost answer. They use the same token, so nothing is written twice."""

MAX_ITEMS = 100
"""Maximum of items in one DynamoDB transaction, read or write."""
R = TypeVar("R", bound=Model)


class Reading:
    """The row classes of all tables on one connection, and their basic reads.

    A class is bound to its table when it is first used: a check needs one of them.
    """

    def __init__(self, config: Config) -> None:
        self._connection = LeanConnection(
            region=config.region,
            connect_timeout_seconds=CONNECT_SECONDS,
            read_timeout_seconds=READ_SECONDS,
            max_retry_attempts=SDK_RETRIES,
        )
        self._config = config
        self._documents = DocumentTable(config.budgets_table, self._connection)

    @cached_property
    def _accounts(self) -> type[AccountRow]:
        return bind(AccountRow, self._config.accounts_table, self._connection)

    @cached_property
    def _entries(self) -> type[EntryRow]:
        return bind(EntryRow, self._config.ledger_table, self._connection)

    @cached_property
    def _reservations(self) -> type[ReservationRow]:
        return bind(ReservationRow, self._config.reservations_table, self._connection)

    @cached_property
    def _operations(self) -> type[OperationRow]:
        # A table has the indexes of its first class, so the one of reservations is bound before.
        return bind(OperationRow, self._reservations.Meta.table_name, self._connection)

    @cached_property
    def _alerts(self) -> type[AlertRow]:
        return bind(AlertRow, self._config.alerts_table, self._connection)

    def _together(self, keys: Sequence[tuple[type[Model], str]]) -> list[Any]:
        """Return the rows of these keys, accounts for accounts' rows; None for one that is missing.

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
            (row, item["pk"][STRING]): _decoded(row, item)
            for row, pks in wanted.items()
            for item in persistently(partial(self._batch_get, row.Meta.table_name, pks))
        }
        return [found.get(key) for key in keys]

    def _transact_get(self, keys: Sequence[tuple[type[Model], str]]) -> list[Any]:
        wanted = [{"TableName": row.Meta.table_name, "Key": _key(pk)} for row, pk in keys]

        def attempt() -> list[Any]:
            answers = self._connection.transact_get_items(wanted)["Responses"]
            items = [answer.get("Item") for answer in answers]
            return [
                _decoded(row, item) if item else None
                for (row, _), item in zip(keys, items, strict=True)
            ]

        return classified(attempt) if keys else []

    def _read_accounts(self, keys: Sequence[str]) -> list[Account]:
        """Return the accounts of these rows; a missing row is left out."""
        table = self._config.accounts_table
        return persistently(lambda: [account_of(item) for item in self._batch_get(table, keys)])

    def _batch_get(self, table: str, keys: Sequence[str]) -> list[Item]:
        """Return the items of these keys that exist, 100 in a request."""
        found, left = list[Item](), list(keys)
        while left:
            wanted, left = left[:MAX_ITEMS], left[MAX_ITEMS:]
            answer = self._connection.batch_get(table, wanted)
            found += answer["Responses"].get(table, ())
            unread = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
            left += [one["pk"][STRING] for one in unread]
        return found

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


def _key(pk: str) -> dict[str, dict[str, str]]:
    """Return the key as DynamoDB takes it."""
    return {"pk": {STRING: pk}}


def _decoded(row: type[Model], item: Item) -> Any:  # noqa: ANN401 - a row of any class
    return account_of(item) if issubclass(row, AccountRow) else row.from_raw_data(dict(item))
