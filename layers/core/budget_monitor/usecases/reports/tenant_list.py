"""The tenants of the platform, with their state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from budget_monitor.domain.accounting.accounts import SYSTEM, TENANT, listing
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.domain.rules.rollovers import months_between
from budget_monitor.domain.rules.rulebook import Rules, rules_key
from budget_monitor.ports import Clock, Document, Reads

MONTHS = 13
"""A tenant is listed if it held or spent anything in this many months."""
ACTIVE, SUSPENDED, ERASED, DAMAGED = "active", "suspended", "erased", "damaged"
STATES = (ACTIVE, SUSPENDED, ERASED, DAMAGED)
_AT_ONCE = 100
_AHEAD = timedelta(hours=15)


@dataclass(frozen=True, slots=True)
class ListedTenant:
    """A tenant, its state, and the last month in which it held or spent anything."""

    tenant_id: str
    state: str
    last_month: str


@dataclass(frozen=True, slots=True)
class TenantPage:
    """Tenants in the order of their ids, and the tenant to continue after."""

    items: Sequence[ListedTenant]
    resume_after: str | None


class TenantList:
    """The use case of `list_tenants`."""

    def __init__(self, store: Reads, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def page(self, state: str | None, limit: int, after: str | None) -> TenantPage:
        """Return at most `limit` tenants, of one state if it is given."""
        months = self._last_months()
        names = sorted(one for one in months if after is None or one > after)
        found = list[ListedTenant]()
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            stored = self._store.documents([rules_key(one) for one in part])
            for tenant_id in part:
                its = _state(stored.get(rules_key(tenant_id)), tenant_id)
                if state in {None, its}:
                    found.append(ListedTenant(tenant_id, its, months[tenant_id]))
            if len(found) > limit:
                break
        more = len(found) > limit
        return TenantPage(found[:limit], found[limit - 1].tenant_id if more else None)

    def _last_months(self) -> Mapping[str, str]:
        """Return the last active month of each recently active tenant. One request per month."""
        last = UTC_CALENDAR.name(MONTH, self._clock.now() + _AHEAD)
        first = f"{int(last[:4]) - 2}{last[4:]}"
        known = dict[str, str]()
        for month in months_between(first, last)[-MONTHS:]:
            for one in self._store.listed(listing(SYSTEM, TENANT, month)):
                known[one.tenant_id] = month
        return known


def _state(document: Document | None, tenant_id: str) -> str:
    if document is None:
        return ACTIVE
    try:
        rules = Rules.load(tenant_id, document.version, document.body)
    except ValueError:
        return DAMAGED
    if rules.erased_at is not None:
        return ERASED
    return SUSPENDED if rules.suspension else ACTIVE
