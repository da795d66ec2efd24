"""A month's tenants by spend: a page costs the same requests, however many tenants there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from heapq import merge
from itertools import islice

from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    TENANT,
    TENANT_LISTS,
    Account,
    AccountKey,
    listing,
    tenant_key,
    tenants_list,
    tenants_ranking,
)
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.money import SMALLEST, ZERO, render
from budget_monitor.ports import Listed, Reads

Read = Callable[[Iterable[AccountKey]], Mapping[AccountKey, Account]]
"""Reads accounts, from copies or from the store."""
_Place = tuple[Decimal, int, AccountKey]
"""Sort key of tenants: negative spend, number of the list, account."""


class LargestTenants:
    """Pages of a month's tenants, the largest first."""

    def __init__(self, store: Reads) -> None:
        self._store = store

    def page(
        self, read: Read, month: str, limit: int, after: str | None
    ) -> tuple[Sequence[Account], str | None]:
        """Return at most `limit` tenants after a position, and the start of the next page.

        One query for each of 16 lists, and a read for each 100 tenants of the page. All tenants of
        the month are read if none of them is in the lists, as in months of earlier versions, or if
        tenants have several rows (`TenantStripes`, or one has grown): then no row has the whole
        spend.
        """
        places, more = self._places(month, limit, after)
        accounts = read(account for _, _, account in places)
        if not places and self._places(month, 1, None)[0]:
            return [], None
        if (
            not places
            or self._store.tenants_differ
            or any(self._store.max_rows(one) > 1 for one in accounts)
        ):
            return self._of_all(read, month, limit, after)
        spent, _, last = places[-1]
        position = key(render(-spent), last.tenant_id) if more else None
        return sorted(accounts.values(), key=_rank), position

    def _places(self, month: str, limit: int, after: str | None) -> tuple[list[_Place], bool]:
        """Return the places of a page by spend; places of equal spend list by list."""
        lists = [self._list(month, one, limit, after) for one in range(TENANT_LISTS)]
        merged = merge(*(_places_in(one, found) for one, found in enumerate(lists)))
        places = list(islice(merged, limit))
        return places, any(found.more for found in lists) or next(merged, None) is not None

    def _list(self, month: str, number: int, limit: int, after: str | None) -> Listed[AccountKey]:
        """One list after a position: lists before that of the position are done with its spend."""
        ranking = tenants_ranking(month, number)
        if after is None:
            return self._store.ranked(ranking, limit)
        spent, tenant_id = parts(after)
        its_list = tenants_list(tenant_id)
        if number == its_list:
            return self._store.ranked(ranking, limit, key(spent, str(tenant_key(tenant_id, month))))
        at_most = Decimal(spent) - (SMALLEST if number < its_list else ZERO)
        return self._store.ranked(ranking, limit, at_most=at_most)

    def _of_all(
        self, read: Read, month: str, limit: int, after: str | None
    ) -> tuple[Sequence[Account], str | None]:
        """Return a page of tenants after reading all of them."""
        found = read(self._store.listed(listing(SYSTEM, TENANT, month)))
        ordered = sorted(found.values(), key=_rank)
        if after is not None:
            spent, tenant_id = parts(after)
            ordered = [one for one in ordered if _rank(one) > (-Decimal(spent), tenant_id)]
        page = ordered[:limit]
        if len(ordered) <= limit:
            return page, None
        return page, key(render(page[-1].totals.spent), page[-1].key.scope_id)


def _places_in(number: int, found: Listed[AccountKey]) -> Iterator[_Place]:
    for place, account in found.items:
        yield -Decimal(parts(place)[0]), number, account


def _rank(account: Account) -> tuple[Decimal, str]:
    return -account.totals.spent, account.key.scope_id
