"""Count the conflicts on each tenant's shared rows; a tenant with many is hot."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from budget_monitor.adapters.dynamodb.striping import Striping
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.growth import HOT_CONFLICTS


class Heat:
    """The conflicts of this process in the present minute, by tenant."""

    def __init__(self, striping: Striping) -> None:
        self._striping = striping
        self._minute: datetime | None = None
        self._counts: Counter[str] = Counter()

    def hot(self, busy: Mapping[AccountKey, int], now: datetime) -> Iterator[tuple[str, int]]:
        """Yield tenants whose rows are hot as of now, with their number of rows.

        Each is yielded once a minute. `busy`: rows that met other writers, and how often. Rows of
        accounts that opened before the last growth do not count: more rows come with their next
        period.
        """
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        rows = {row: n for row, n in busy.items() if self._striping.may_grow(_account(row))}
        for tenant_id in dict.fromkeys(row.tenant_id for row in rows):
            most = max(n for row, n in rows.items() if row.tenant_id == tenant_id)
            before = self._counts[tenant_id]
            self._counts[tenant_id] += most
            if before < HOT_CONFLICTS <= before + most:
                account = next(_account(one) for one in rows if one.tenant_id == tenant_id)
                yield tenant_id, self._striping.count(account)


def _account(row: AccountKey) -> AccountKey:
    return row._replace(stripe=0)
