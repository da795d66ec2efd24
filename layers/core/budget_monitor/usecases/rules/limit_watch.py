"""Telling people that a limit fell below what is spent: by an edit, or by time alone."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE
from budget_monitor.domain.documents import Reminder
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.alerts.budget_notices import below_spend
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting, BudgetView
from budget_monitor.usecases.rules.default_watch import DefaultWatch

_INSTANT = timedelta(microseconds=1)

logger = logging.getLogger(__name__)


class LimitWatch:
    """Compares limits that fell with what is spent. Stream events tell only of spend that rises."""

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
        """Tell people if this edit put the limit below the present spend. The edit stands anyway.

        A replay tells nobody; neither does the edit of a budget that has not one account.
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
        """Look at one account, or at those of all tenants where the system's limit is each's."""
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
