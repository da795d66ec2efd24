"""Telling people that a limit fell below what is spent: by an edit, or by time alone."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from budget_monitor import deadline
from budget_monitor.domain.documents import Reminder
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.alerts.budget_notices import below_spend
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting, BudgetView

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

    def edited(self, view: BudgetView) -> BudgetView:
        """Tell people if this edit put the limit below the present spend. The edit stands anyway.

        A replay tells nobody; neither does the edit of a budget that has not one account.
        """
        if view.replayed or view.after is None:
            return view
        try:
            found = self._fallen(view, view.before)
        except UnavailableError:
            logger.exception("spend of %s could not be compared", view.budget.budget_id)
            return view
        if found:
            once = (str(view.version),)
            self._notices.store(below_spend(found, "edit", once, view.owner, view.at))
        return view

    def look(self) -> int:
        """Look at the limits that time alone has changed; how many are below the spend now.

        One that cannot be looked at stops no other one and stays for the next minute.
        """
        told = 0
        for reminder in self._due():
            if deadline.about_to_end():
                break
            try:
                told += self._looked(reminder)
            except UnavailableError:
                logger.exception("a limit of %s could not be looked at", reminder.tenant_id)
        return told

    def _due(self) -> Sequence[Reminder]:
        try:
            return self._store.reminders(self._clock.now())
        except UnavailableError:
            logger.exception("reminders could not be read")
            return ()

    @deadline.unit_of_work(of_a_job=True)
    def _looked(self, reminder: Reminder) -> bool:
        try:
            view = self._budgeting.get_budget(reminder.tenant_id, reminder.budget_id)
        except NotFoundError:
            found = None
        else:
            before = replace(view, at=reminder.at - _INSTANT)
            found = self._fallen(view, view.budget, before)
        if found:
            once = (str(reminder.at),)
            self._notices.store(below_spend(found, "expiry", once, view.owner, view.at))
        self._store.commit(Transaction(reminders=(replace(reminder, done=True),)))
        return found is not None

    def _fallen(
        self, view: BudgetView, was: Budget | None, before: BudgetView | None = None
    ) -> Standing | None:
        """The first standing, by unit, whose limit is below the spend now and was not before."""
        was_gates = self._usage.gates(replace(before or view, budget=was)) if was else []
        gates = {gate.unit: gate for gate in was_gates}
        for standing in self._usage.of([view]).get(view.budget.budget_id, ()):
            if not standing.budget.warns or not standing.exceeded:
                continue
            gate = gates.get(standing.gate.unit)
            same = gate is not None and gate.account == standing.gate.account
            if not (same and gate and replace(standing, gate=gate).exceeded):
                return standing
        return None
