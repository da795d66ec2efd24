"""What is left of budgets: each beside the account that it watches in its present period."""

from collections.abc import Iterable, Mapping

from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE
from budget_monitor.domain.holds.decisions import Standing, standings_of
from budget_monitor.domain.periods import MONTH, RUN
from budget_monitor.domain.rules.gates import UTC_CALENDAR, Gate
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.ports import Store
from budget_monitor.usecases.rules.budgets import BudgetView


class BudgetUsage:
    """Reads the accounts of budgets, strongly consistent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, views: Iterable[BudgetView]) -> Mapping[str, Standing]:
        """The standing of each budget that has one account now, by its id. One batch read.

        A budget of single runs has an account for each run, and the system's budget that applies
        to each tenant by itself has one for each tenant: they have no standing here.
        """
        gates = [gate for gate in map(self.gate, views) if gate is not None]
        accounts = self._store.accounts([gate.account for gate in gates]) if gates else {}
        return {one.budget.budget_id: one for one in standings_of(gates, accounts)}

    @staticmethod
    def gate(view: BudgetView) -> Gate | None:
        """The budget over its account of the present period, if it has one."""
        return _gate(view)


def _gate(view: BudgetView) -> Gate | None:
    budget, of_system = view.budget, view.budget.scope == SYSTEM_SCOPE
    if budget.period == RUN or (view.tenant_id == SYSTEM and not of_system):
        return None
    calendar = UTC_CALENDAR if of_system and budget.period != MONTH else view.calendar
    period = calendar.name(budget.period, view.at)
    account = budget_account(budget, SYSTEM if of_system else view.tenant_id, period)
    shown = UTC_CALENDAR if of_system else calendar
    return Gate(
        budget.at(view.at, period),
        account,
        shown,
        None if of_system and budget.period == MONTH else view.at,
        private=view.private,
    )
