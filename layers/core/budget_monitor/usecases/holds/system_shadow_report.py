"""Report what shadow budgets would have refused on the whole platform, by tenant and budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, TENANT, listing
from budget_monitor.domain.holds.reservations import Hold
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.ports import Accounts, Clock
from budget_monitor.usecases.holds.shadow_report import Shadowing

_AT_ONCE = 1000
_SPARE_SECONDS = 12
"""The last seconds of an invocation, in which no further tenant begins."""
_ZONES = timedelta(hours=15)

_Run = tuple[str, str | None, str | None]


@dataclass(slots=True)
class ShadowedRun:
    """What shadows would have refused: runs, reservations, and the requested USD."""

    runs: set[_Run] = field(default_factory=set)
    times: int = 0
    amount: Decimal = ZERO

    def add(self, hold: Hold) -> None:
        """Count one reservation."""
        labels = hold.labels
        self.runs.add((hold.tenant_id, labels.agent_execution_id, labels.workflow_execution_id))
        self.times += 1
        self.amount += hold.amount


@dataclass(frozen=True, slots=True)
class SystemShadowReport:
    """A page of tenants in the order of their ids, and the tenant to continue after."""

    items: Mapping[tuple[str, str], ShadowedRun]
    """By tenant and budget, the largest amount of a tenant first."""
    total: ShadowedRun
    """Each reservation once, however many budgets would have refused it."""
    resume_after: str | None

    @property
    def tenants(self) -> int:
        """Number of tenants of the page of whom a shadow would have refused something."""
        return len({tenant_id for tenant_id, _ in self.items})


class SystemShadowing:
    """The use case of `system_shadow_report`."""

    def __init__(self, store: Accounts, clock: Clock, shadowing: Shadowing) -> None:
        self._store = store
        self._clock = clock
        self._shadowing = shadowing

    def report(self, days: int, limit: int, after: str | None) -> SystemShadowReport:
        """Return at most `limit` tenants after the given one; fewer if the time runs out.

        It reads one list for each tenant and day.
        """
        wanted = [one for one in self._tenants(days) if after is None or one > after]
        items, total, last = dict[tuple[str, str], ShadowedRun](), ShadowedRun(), after
        for place, tenant_id in enumerate(wanted):
            if place >= limit or (place and deadline.remaining() < _SPARE_SECONDS):
                return SystemShadowReport(items, total, last)
            found = self._of(tenant_id, days, total)
            command_of = sorted(found.items(), key=lambda one: (-one[1].amount, one[0]))
            items |= {(tenant_id, budget_id): one for budget_id, one in command_of}
            last = tenant_id
        return SystemShadowReport(items, total, None)

    @deadline.unit_of_work()
    def _of(self, tenant_id: str, days: int, total: ShadowedRun) -> Mapping[str, ShadowedRun]:
        """What each shadow budget would have refused of the tenant; `total` counts it as well."""
        found, after = dict[str, ShadowedRun](), None
        while True:
            page, after = self._shadowing.holds(tenant_id, days, _AT_ONCE, after)
            for one in page:
                total.add(one.hold)
                for budget_id in one.would_block:
                    found.setdefault(budget_id, ShadowedRun()).add(one.hold)
            if after is None:
                return found

    def _tenants(self, days: int) -> list[str]:
        """The tenants that held or spent anything in a month of these days, by their ids."""
        now = self._clock.now()
        months = {_month(now - timedelta(days=n)) for n in range(days + 1)}
        months |= {_month(now - timedelta(days=days) - _ZONES), _month(now + _ZONES)}
        lists = (self._store.listed(listing(SYSTEM, TENANT, month)) for month in sorted(months))
        return sorted({one.tenant_id for found in lists for one in found})


def _month(moment: datetime) -> str:
    return UTC_CALENDAR.name(MONTH, moment)
