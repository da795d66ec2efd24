"""Let the accounts of a hot tenant open with more rows from their next period on, and say so."""

import logging
from datetime import datetime, timedelta

from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE, TENANT
from budget_monitor.domain.accounting.growth import HOT_MINUTES, Growth
from budget_monitor.domain.alerts.alerts import STRIPES_GROWN, Alert
from budget_monitor.domain.documents import DocumentChange, growth_key
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import day_of, month_of, render_instant
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Store
from budget_monitor.ports.metrics import Metrics

logger = logging.getLogger(__name__)


class StripeGrowth:
    """Notes hot minutes, in a document of the tenant."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store, self._metrics = store, metrics

    def note(self, tenant_id: str, stripes: int, now: datetime) -> None:
        """Note that accounts with so many rows were hot in this minute.

        One read, and one write unless another process noted the minute. The growth and its alert
        are one write. A failure is logged and counted, and does not fail the request.
        """
        try:
            self._note(tenant_id, stripes, now)
        except (UnavailableError, ValueError):
            logger.exception("a hot minute of %s could not be noted", tenant_id)
            self._metrics.count("GrowthFailures", 1)

    def _note(self, tenant_id: str, stripes: int, now: datetime) -> None:
        keys = dict.fromkeys((growth_key(tenant_id), growth_key(SYSTEM)))
        stored = self._store.documents(keys)
        found = {
            key: Growth.load(one.version, one.body) if one else Growth()
            for key, one in ((key, stored.get(key)) for key in keys)
        }
        before = found[growth_key(tenant_id)]
        if before.stripes > stripes:
            self._store.grow(tenant_id, before)  # this process did not know
            return
        after = before.heated(now.replace(second=0, microsecond=0), stripes)
        if after == before:
            return
        if after.stripes == before.stripes:
            self._store.commit(Transaction(document_change=_change(tenant_id, after, now)))
            return
        self._grow(tenant_id, stripes, after, found[growth_key(SYSTEM)], now)

    def _grow(
        self, tenant_id: str, stripes: int, after: Growth, system: Growth, now: datetime
    ) -> None:
        further: tuple[DocumentChange, ...] = ()
        if tenant_id != SYSTEM and not system.tenants:
            known = Growth(system.version, system.stripes, system.hot, tenants=True)
            further = (_change(SYSTEM, known, now),)
        grown = Transaction(
            document_change=_change(tenant_id, after, now),
            further_changes=further,
            alerts=(stripes_grown(tenant_id, stripes, after.stripes, now),),
        )
        if self._store.commit(grown):
            self._store.grow(tenant_id, after)


def _change(tenant_id: str, after: Growth, now: datetime) -> DocumentChange:
    change = {"operation": "grow", "at": render_instant(now), "stripes": after.stripes}
    return DocumentChange(growth_key(tenant_id), after.version + 1, after.dump(), change)


def stripes_grown(tenant_id: str, before: int, after: int, at: datetime) -> Alert:
    """Alert that accounts open with more rows from their next period on. Once per growth."""
    month = month_of(at, "UTC")
    next_month = month_of(at.replace(day=28) + timedelta(days=4), "UTC")
    facts = {
        "stripes": after,
        "stripes_before": before,
        "hot_minutes": HOT_MINUTES,
        "from_day": day_of(at + timedelta(days=1), "UTC"),
        "from_month": next_month,
    }
    scope = SYSTEM_SCOPE if tenant_id == SYSTEM else TENANT
    return Alert(tenant_id, STRIPES_GROWN, (str(after),), at, scope, tenant_id, month, facts)
