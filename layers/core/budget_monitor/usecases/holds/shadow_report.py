"""Report what shadow budgets would have refused: runs, budgets and amounts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.reservations import Hold, Reservation
from budget_monitor.domain.periods import day_of, sortable
from budget_monitor.ports import Clock, Reservations, Span


@dataclass(frozen=True, slots=True)
class ShadowedRun:
    """Holds of one run that one shadow budget would have refused: count and sum in USD."""

    labels: Labels
    budget_id: str
    times: int
    amount: Decimal
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """One page of runs that would have been blocked; `resume_at` is None on the last page."""

    items: Sequence[ShadowedRun]
    resume_at: str | None


class Shadowing:
    """The use case of `shadow_report`."""

    def __init__(self, store: Reservations, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def report(self, tenant_id: str, days: int, limit: int, after: str | None) -> ShadowReport:
        """Return what would have been blocked in the last `days` days, by run and budget.

        A page covers at most `limit` reservations. A run can be on several pages.
        """
        refused, resume_at = self.holds(tenant_id, days, limit, after)
        spared: dict[tuple[str | None, ...], ShadowedRun] = {}
        for one in refused:
            for budget_id in one.would_block:
                _add(spared, one.hold, budget_id)
        return ShadowReport(list(spared.values()), resume_at)

    def holds(
        self, tenant_id: str, days: int, limit: int, after: str | None
    ) -> tuple[Sequence[Reservation], str | None]:
        """Return the reservations that a shadow would have refused, and where to continue."""
        since, names = self._clock.now() - timedelta(days=days), list[str]()
        span = Span(start=sortable(since), after=after)
        for day in (day_of(since + timedelta(days=n), "UTC") for n in range(days + 1)):
            # Read one more than the page holds, to know if there is a next page.
            if day >= (after or "")[:10] and len(names) <= limit:
                names += self._store.shadowed(
                    tenant_id, day, span, limit + 1 - len(names)
                ).entry_ids
        found = self._store.reservations((tenant_id, name) for name in names[:limit])
        refused = sorted(found, key=lambda one: one.hold.position)
        last = refused[-1].hold if refused and len(names) > limit else None
        resume_at = last.position if last else None
        return refused, resume_at


def _add(spared: dict[tuple[str | None, ...], ShadowedRun], hold: Hold, budget_id: str) -> None:
    run = (hold.labels.agent_execution_id, hold.labels.workflow_execution_id, budget_id)
    at = hold.created_at
    before = spared.get(run, ShadowedRun(hold.labels, budget_id, 0, Decimal(0), at, at))
    times, amount = before.times + 1, before.amount + hold.amount
    spared[run] = replace(before, times=times, amount=amount, last_at=at)
