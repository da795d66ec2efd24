"""Alert people if a limit fell below its spend, by an edit or by time.

A limit of one account is compared at once. A default of the system
is compared with every tenant's spend by the schedule, in steps.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE, TENANT, listing
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
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.rules.budget_edits import loaded_from_history
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting, BudgetView
from budget_monitor.usecases.rules.history import AT_ONCE, HistoryReader

STEP = 100
"""The position is stored after this many tenants."""
_MONTHS = {QUARTER: 4, YEAR: 13, TOTAL: 13}
"""Months in which tenants are searched for longer periods; for all others two."""
_AHEAD, _INSTANT = timedelta(hours=15), timedelta(microseconds=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fall:
    """Why a system budget's limit fell: an edit, or the end of a raise."""

    reminder: Reminder
    edit: Mapping[str, Any] | None
    """The change that was made at that moment; None: a raise ended."""
    latest: datetime

    def was(self, budget: Budget) -> Budget | None:
        """Return a tenant's budget before the fall, with the tenant's own raises."""
        if self.edit is None:
            return budget
        before, after = (
            loaded_from_history(budget.budget_id, self.edit[side]) for side in ("before", "after")
        )
        theirs = after.raises if after else ()
        own = tuple(one for one in budget.raises if one not in theirs)
        return replace(before, raises=(*before.raises, *own)) if before else None


class DefaultWatch:
    """Compares a system limit that applies to each tenant with each tenant's spend."""

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
        """Return the tenants that held or spent anything recently. One request per month."""
        last = UTC_CALENDAR.name(MONTH, self._clock.now() + _AHEAD)
        first = f"{int(last[:4]) - 2}{last[4:]}"
        months = months_between(first, last)[-_MONTHS.get(period, 2) :]
        lists = [self._store.listed(listing(SYSTEM, TENANT, month)) for month in months]
        return sorted({one.tenant_id for found in lists for one in found if one.tenant_id > after})

    @deadline.unit_of_work(of_a_job=True)
    def _looked(self, tenant_id: str, fall: _Fall) -> bool:
        """True if an alert was stored for the tenant. Damaged rules are logged and skipped."""
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
        """Return the change of the budget that was made at the moment of the reminder."""
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


class LimitWatch:
    """Compares limits that fell with the spend. The stream only shows changes of spend."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        usage: BudgetUsage,
        budgeting: Budgeting,
        notices: AlertWriter,
    ) -> None:
        self._store = store
        self._clock = clock
        self._usage = usage
        self._budgeting = budgeting
        self._notices = notices
        self._defaults = DefaultWatch(store, clock, usage, budgeting)

    def edited(self, view: BudgetView) -> BudgetView:
        """Alert people if this edit put the limit below the present spend. The edit is kept.

        No alert for a replay, or for a budget that has more than one account.
        """
        if view.replayed or view.after is None:
            return view
        try:
            found = self._usage.fallen(view, view.before)
        except UnavailableError:
            logger.exception("spend of %s could not be compared", view.budget.budget_id)
            return view
        if found:
            once = (str(view.version),)
            self._notices.store(below_spend(found, "edit", once, view.owner, view.at))
        return view

    def look(self) -> int:
        """Look at the limits that time, or an edit for all tenants, has changed; how many fell.

        One that cannot be looked at stops no other one and stays for the next minute.
        """
        told, due = 0, self._due()
        for reminder in due:
            if deadline.about_to_end():
                break
            try:
                told += self._each_tenant(reminder, due)
            except UnavailableError:
                logger.exception("a limit of %s could not be looked at", reminder.tenant_id)
        return told

    def _each_tenant(self, reminder: Reminder, due: Sequence[Reminder]) -> int:
        """Check one account, or those of all tenants if the system's limit applies to each."""
        view = self._view(reminder) if reminder.tenant_id == SYSTEM else None
        if view is None or view.budget.scope == SYSTEM_SCOPE:
            return self._looked(reminder)
        same = (SYSTEM, reminder.budget_id)
        latest = max(one.at for one in due if (one.tenant_id, one.budget_id) == same)
        return self._defaults.look(reminder, view.budget, latest)

    @deadline.unit_of_work(of_a_job=True)
    def _view(self, reminder: Reminder) -> BudgetView | None:
        try:
            return self._budgeting.get_budget(reminder.tenant_id, reminder.budget_id)
        except NotFoundError:
            return None

    def _due(self) -> Sequence[Reminder]:
        try:
            return self._store.reminders(self._clock.now())
        except UnavailableError:
            logger.exception("reminders could not be read")
            return ()

    @deadline.unit_of_work(of_a_job=True)
    def _looked(self, reminder: Reminder) -> bool:
        view = self._view(reminder)
        before = view and replace(view, at=reminder.at - _INSTANT)
        found = self._usage.fallen(view, view.budget, before) if view else None
        if view and found:
            once = (str(reminder.at),)
            alert = below_spend(found, "expiry", once, view.owner, view.at)
            self._store.commit(Transaction(alerts=(alert,)))
        self._store.commit(Transaction(reminders=(replace(reminder, done=True),)))
        return found is not None
