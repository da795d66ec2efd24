"""Telling tenants that a limit of the system fell below their spend: in steps, all of them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, TENANT, listing
from budget_monitor.domain.documents import Reminder
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.periods import MONTH, QUARTER, TOTAL, YEAR, parse_instant
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.domain.rules.rollovers import months_between
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.alerts.budget_notices import below_spend
from budget_monitor.usecases.rules.budget_edits import loaded_from_history
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.history import AT_ONCE, HistoryReader

STEP = 100
"""Tenants after which the position is stored."""
_MONTHS = {QUARTER: 4, YEAR: 13, TOTAL: 13}
"""Months in which a tenant of a longer period is looked for; of any other period two."""
_AHEAD, _INSTANT = timedelta(hours=15), timedelta(microseconds=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fall:
    """What happened to a budget of the system: an edit, or time alone."""

    reminder: Reminder
    edit: Mapping[str, Any] | None
    """The change that was made at that moment; None: a raise ended."""
    latest: datetime

    def was(self, budget: Budget) -> Budget | None:
        """The budget of a tenant before it: with the raises that are the tenant's own."""
        if self.edit is None:
            return budget
        before, after = (
            loaded_from_history(budget.budget_id, self.edit[side]) for side in ("before", "after")
        )
        theirs = after.raises if after else ()
        own = tuple(one for one in budget.raises if one not in theirs)
        return replace(before, raises=(*before.raises, *own)) if before else None


class DefaultWatch:
    """Compares a limit that holds for each tenant by itself with what each has spent."""

    def __init__(
        self, store: Store, clock: Clock, usage: BudgetUsage, budgeting: Budgeting
    ) -> None:
        self._store = store
        self._clock = clock
        self._usage = usage
        self._budgeting = budgeting
        self._histories = HistoryReader(store)

    def look(self, reminder: Reminder, budget: Budget, latest: datetime) -> int:
        """Look at all tenants after the reminder's position; return how many alerts were stored.

        When the time of the invocation is up, the next one goes on. Two reads for each tenant.
        `latest`: of all changes of the budget that are to be looked at, which make one alert.
        """
        fall, told = _Fall(reminder, self._edit(reminder), latest), 0
        step = list[str]()
        for tenant_id in self._tenants(budget.period, reminder.position):
            if deadline.about_to_end():
                return told
            told += self._looked(tenant_id, fall)
            step.append(tenant_id)
            if len(step) == STEP:
                fall = replace(fall, reminder=self._moved_on(fall.reminder, step.pop()))
                step.clear()
        self._store.commit(Transaction(reminders=(replace(fall.reminder, done=True),)))
        return told

    def _moved_on(self, reminder: Reminder, tenant_id: str) -> Reminder:
        """Store that all tenants up to this one are done."""
        after = replace(reminder, position=tenant_id, listed_at=self._clock.now())
        self._store.commit(Transaction(reminders=(replace(reminder, done=True), after)))
        return after

    def _tenants(self, period: str, after: str) -> list[str]:
        """The tenants that held or spent anything of late, one request a month."""
        last = UTC_CALENDAR.name(MONTH, self._clock.now() + _AHEAD)
        first = f"{int(last[:4]) - 2}{last[4:]}"
        months = months_between(first, last)[-_MONTHS.get(period, 2) :]
        lists = [self._store.listed(listing(SYSTEM, TENANT, month)) for month in months]
        return sorted({one.tenant_id for found in lists for one in found if one.tenant_id > after})

    @deadline.unit_of_work(of_a_job=True)
    def _looked(self, tenant_id: str, fall: _Fall) -> bool:
        """Whether the tenant was told. One whose rules are damaged is logged and skipped."""
        try:
            view = self._budgeting.get_budget(tenant_id, fall.reminder.budget_id)
        except NotFoundError:
            return False
        except UnavailableError as fault:
            if not isinstance(fault.__cause__, ValueError):
                raise
            logger.exception("a limit of %s could not be looked at", tenant_id)
            return False
        if view.budget.source == TENANT:
            return False
        then = fall.reminder.at - _INSTANT
        earlier = replace(view, at=then) if fall.edit is None else None
        found = self._usage.fallen(view, fall.was(view.budget), earlier)
        if found is None:
            return False
        cause, once = "edit" if fall.edit else "expiry", (SYSTEM, str(fall.latest))
        alert = below_spend(found, cause, once, view.owner, view.at)
        return self._store.commit(Transaction(alerts=(alert,)))

    def _edit(self, reminder: Reminder) -> Mapping[str, Any] | None:
        """The change of the budget that was made at the moment of the reminder."""
        before: int | None = None
        while True:
            page = self._histories.of(rules_key(SYSTEM), AT_ONCE, before)
            for change in page.items:
                made_at: datetime = parse_instant(change["at"], "at")
                if made_at < reminder.at:
                    return None
                if made_at == reminder.at and change["budget_id"] == reminder.budget_id:
                    return change
            before = page.resume_before
            if before is None:
                return None
