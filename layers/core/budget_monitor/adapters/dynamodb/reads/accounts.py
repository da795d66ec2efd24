"""Lists of accounts from indexes; `DynamoStore` reads the accounts themselves."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial

from pynamodb.constants import NUMBER, STRING

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.connection import Reading
from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow
from budget_monitor.domain.accounting.accounts import SYSTEM, AccountKey, listing
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.ports import AccountPage, Listed

_Key = dict[str, dict[str, str]]


class AccountLists(Reading):
    """The lists of the `Accounts` port."""

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
        """At most so many accounts of a list, after one of them. One request for most."""
        begin = {"listing": {"S": listing}, "pk": {"S": after}} if after else None
        query = partial(
            self._accounts.by_listing.query, listing, limit=limit + 1, last_evaluated_key=begin
        )
        names = [row.pk for row in persistently(lambda: list(query()))]
        more = names[limit - 1] if len(names) > limit else None
        return AccountPage([AccountKey.parse(one) for one in names[:limit]], more)

    def ranked(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """At most so many accounts of a list, the largest spend first."""
        query = partial(self._accounts.by_spend.query, ranking)
        return _ranked(query, "spent", _start(ranking, "spent", NUMBER, after), limit)

    def latest(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """At most so many runs of a list, the latest first seen first."""
        query = partial(self._accounts.by_begin.query, ranking)
        return _ranked(query, "began_at", _start(ranking, "began_at", STRING, after), limit)


def _start(ranking: str, name: str, kind: str, after: str | None) -> _Key | None:
    """The key of an index after which it goes on."""
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
