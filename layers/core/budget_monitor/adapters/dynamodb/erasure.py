"""Erasing what names people: rows are rewritten in transactions of at most 25 items."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from pynamodb.transactions import TransactWrite

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.connection import Reading
from budget_monitor.adapters.dynamodb.rows.documents import change_pks, document_pk
from budget_monitor.adapters.dynamodb.rows.reservations import ReservationRow
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.stripes import MAX_STRIPES
from budget_monitor.domain.costs.erasure import (
    ERASED,
    ERASURE,
    accounts_without_people,
    document_without_people,
    entry_without_people,
    labels_without_people,
    names_people,
)
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.holds.reservations import OPEN

_AT_ONCE = 25
_READ = 100

_Item = Callable[[TransactWrite], None]


class RowEraser(Reading):
    """The `Eraser` port on the five tables."""

    def entries(self, entries: Sequence[Entry]) -> None:
        """Rewrite these entries and the ended reservations that they settled."""
        row = self._entries
        items: list[_Item] = [
            partial(_save, row.of(entry_without_people(one)), row.pk.exists()) for one in entries
        ]
        items += self._reservations_of(entries)
        people = {account for one in entries for account in one.moved if names_people(account)}
        items += self._deleted(people)
        self._write(items)

    def _reservations_of(self, entries: Sequence[Entry]) -> list[_Item]:
        row = self._reservations
        keys = {row.key_of(e.tenant_id, e.reservation_id) for e in entries if e.reservation_id}
        found = [one for one in self._read(row, sorted(keys)) if one.state != OPEN]
        return [partial(_save, _without_people(one), row.state != OPEN) for one in found]

    def _deleted(self, accounts: Iterable[AccountKey]) -> list[_Item]:
        """Return items that delete the accounts with all of their rows."""
        row = self._accounts
        found = self._read(row, [str(one) for one in accounts])
        keys = list[str]()
        for one in found:
            account = AccountKey.parse(one.pk)
            stripes = range(MAX_STRIPES) if one.level is not None else range(1)
            keys += (str(account._replace(stripe=n)) for n in stripes)
        return [partial(_delete, row(key)) for key in keys]

    def document(self, document: DocumentKey) -> None:
        """Rewrite a document and all of its changes, but not the rules themselves.

        The change that erases keeps who and why.
        """
        rows = self._documents.rows
        stored = self._get(rows, document_pk(document))
        if stored is None:
            return
        items = list[_Item]()
        if document.kind != "rules":
            stored.body = document_without_people(stored.body)
            items.append(partial(_save, stored, rows.version == stored.version))
        changes, named = self._documents.changes, set[str]()
        for start in range(1, stored.version + 1, _READ):
            last = min(start + _READ, stored.version + 1)
            for one in self._read(changes, change_pks(document, range(start, last))):
                if one.body.get("operation") == ERASURE:
                    continue
                named |= _ids_in(one.body)
                one.body = document_without_people(one.body)
                items.append(partial(_save, one, changes.pk.exists()))
        self._write([*items, *self._requests(document.tenant_id, sorted(named))])

    def _requests(self, tenant_id: str, ids: Sequence[str]) -> list[_Item]:
        """Return items that rewrite the requests stored under these ids of decisions."""
        row = self._documents.operations
        found = self._read(row, [row.key_of(tenant_id, one) for one in ids])
        for one in found:
            one.request = document_without_people(one.request)
        return [partial(_save, one, row.pk.exists()) for one in found]

    def alerts(self, tenant_id: str, alert_ids: Iterable[str]) -> None:
        """Delete these alerts."""
        row = self._alerts
        self._write([partial(_delete, row(row.key_of(tenant_id, one))) for one in alert_ids])

    def _write(self, items: Sequence[_Item]) -> None:
        for start in range(0, len(items), _AT_ONCE):
            persistently(partial(self._attempt, items[start : start + _AT_ONCE], uuid4().hex))

    def _attempt(self, items: Sequence[_Item], token: str) -> None:
        with TransactWrite(client_request_token=token, connection=self._connection) as write:
            for add in items:
                add(write)


def _ids_in(change: Mapping[str, Any]) -> set[str]:
    """Return the ids of the raises and grants of a changed budget."""
    after = change.get("after") or {}
    grants = (after.get("balance") or {}).get("grants", ())
    raised = {f"raise_id#{one['raise_id']}" for one in after.get("raises", ())}
    return raised | {f"grant_id#{one['grant_id']}" for one in grants}


def _save(row, condition, write: TransactWrite) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    write.save(row, condition=condition)


def _delete(row, write: TransactWrite) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    write.delete(row)


def _without_people(row: ReservationRow) -> ReservationRow:
    hold = row.to_domain().hold
    hold = replace(
        hold,
        labels=labels_without_people(hold.labels),
        accounts=accounts_without_people(hold.accounts),
        principal=None,
    )
    row.facts, row.request, row.changed_by = hold.facts, {ERASED: True}, None
    return row
