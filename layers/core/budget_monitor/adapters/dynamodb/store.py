"""The `Store` port on DynamoDB. An account is the sum of its rows; `Committing` writes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial

from pynamodb.constants import NUMBER, STRING

from budget_monitor.adapters.dynamodb.commit import Committing
from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.reads.documents import DocumentReads
from budget_monitor.adapters.dynamodb.reads.ledger import LedgerReads
from budget_monitor.adapters.dynamodb.reads.reservations import ReservationReads, to_reservation
from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow
from budget_monitor.adapters.dynamodb.rows.documents import document_pk
from budget_monitor.adapters.dynamodb.striping import present, total
from budget_monitor.adapters.system import SystemClock
from budget_monitor.domain.accounting.accounts import SYSTEM, Account, AccountKey, listing
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.ports import AccountPage, Listed, Origin, Recent, Snapshot

_Key = dict[str, dict[str, str]]
_Rows = Mapping[AccountKey, Sequence[AccountKey]]
"""Each account's rows."""


class DynamoStore(ReservationReads, LedgerReads, DocumentReads, Committing):
    """The `Store` port on the five tables: accounts here, the other ports in the base classes.

    One DynamoDB request per method, unless said.
    """

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return each account as it is now, strongly consistent; an unknown one is all zeros.

        One request for up to 100 rows.
        """
        wanted = self._rows_by_account(keys)
        rows = [row for each in wanted.values() for row in each]
        found = {one.key: one for one in self._read_accounts([*map(str, rows)])}
        if self._striping.learn(found):
            return self.accounts(wanted)
        return _summed(wanted, found)

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Return each account as it is now: this store has no copies."""
        return Recent(origin=Origin(SystemClock().now()), accounts=self.accounts(keys))

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """Return the accounts of a list. One that was opened a moment ago may be missing."""
        rows = persistently(lambda: list(self._accounts.by_listing.query(listing)))
        return [AccountKey.parse(row.pk) for row in rows]

    def listed_everywhere(self, what: str, month: str) -> Sequence[AccountKey]:
        """Return all tenants' accounts of a scope in a month; of tenants, those of its days."""
        index = self._accounts.by_system_list
        rows = persistently(lambda: list(index.query(listing(SYSTEM, what, month))))
        return [AccountKey.parse(row.pk) for row in rows]

    def listed_page(self, listing: str, limit: int, after: str | None) -> AccountPage:
        """Return at most `limit` accounts of a list, after one of them. One request for most."""
        begin = {"listing": {"S": listing}, "pk": {"S": after}} if after else None
        query = partial(
            self._accounts.by_listing.query, listing, limit=limit + 1, last_evaluated_key=begin
        )
        names = [row.pk for row in persistently(lambda: list(query()))]
        more = names[limit - 1] if len(names) > limit else None
        return AccountPage([AccountKey.parse(one) for one in names[:limit]], more)

    def ranked(
        self,
        ranking: str,
        limit: int,
        after: str | None = None,
        *,
        at_most: Decimal | None = None,
    ) -> Listed[AccountKey]:
        """Return at most `limit` accounts of a list, the largest spend first."""
        index = self._accounts.by_spend
        bound = None if at_most is None else type(index).spent <= at_most
        query = partial(index.query, ranking, bound)
        return _ranked(query, "spent", _start(ranking, "spent", NUMBER, after), limit)

    def latest(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """Return at most `limit` runs of a list, the most recently begun first."""
        query = partial(self._accounts.by_begin.query, ranking)
        return _ranked(query, "began_at", _start(ranking, "began_at", STRING, after), limit)

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """Return all of these by one TransactGetItems; batch reads if over 100 or in conflict."""
        wanted = self._rows_by_account(keys)
        rows = [row for each in wanted.values() for row in each]
        held = [
            (self._reservations, self._reservations.key_of(*one)) for one in _given(reservation)
        ]
        booked = [(self._entries, self._entries.key_of(*one)) for one in _given(entry)]
        decided = [(self._documents.rows, document_pk(document))] if document else []
        moved = [(self._accounts, str(row)) for row in rows]
        read = self._together([*moved, *held, *booked, *decided])
        found = {row.key: row for row in read[: len(rows)] if row is not None}
        if self._striping.learn(found):
            return self.snapshot(wanted, reservation=reservation, entry=entry, document=document)
        facts = read[len(rows) :]
        hold = facts.pop(0) if held else None
        fact = facts.pop(0) if booked else None
        ruling = facts.pop(0) if decided else None
        return Snapshot(
            _summed(wanted, found),
            to_reservation(hold) if hold else None,
            fact.to_domain() if fact else None,
            ruling.to_domain() if ruling else None,
        )

    def _rows_by_account(self, keys: Iterable[AccountKey]) -> _Rows:
        return {account: self._striping.rows_of([account]) for account in keys}


def _summed(wanted: _Rows, found: Mapping[AccountKey, Account]) -> Mapping[AccountKey, Account]:
    return {account: total(account, present(rows, found)) for account, rows in wanted.items()}


def _given(name: tuple[str, str] | None) -> list[tuple[str, str]]:
    return [] if name is None else [name]


def _start(ranking: str, name: str, kind: str, after: str | None) -> _Key | None:
    """Return the index key after which a page starts."""
    if after is None:
        return None
    place, pk = parts(after)
    return {"ranking": {STRING: ranking}, "pk": {STRING: pk}, name: {kind: place}}


def _ranked(
    query: Callable[..., Iterable[AccountRow]], name: str, start: _Key | None, limit: int
) -> Listed[AccountKey]:
    """One page of accounts in falling order of an attribute; the index gives no number."""
    asked = partial(query, limit=limit + 1, last_evaluated_key=start, scan_index_forward=False)
    rows = persistently(lambda: list(asked()))
    found = [
        (key(_text(getattr(row, name)), row.pk), AccountKey.parse(row.pk)) for row in rows[:limit]
    ]
    return Listed(found, more=len(rows) > limit)


def _text(place: Decimal | str) -> str:
    return place if isinstance(place, str) else format(place, "f")
