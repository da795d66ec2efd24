"""What one budget has spent, holds and has left, in each unit that it limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    SYSTEM_SCOPE,
    WORKFLOW,
    AccountKey,
    execution_key,
    workflow_key,
)
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.holds.decisions import Standing, standings_of
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import UTC_CALENDAR, Gate
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.units import USD
from budget_monitor.ports import Store


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """The gates of one budget for one name in one period, each beside its account."""

    budget: Budget
    standings: Sequence[Standing]
    """One for each unit that the budget limits. None where the budget has no single account."""


class BudgetStandings:
    """Reads the accounts of budgets as they are now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(
        self,
        owner_id: str,
        budget: Budget,
        calendar: Calendar,
        at: datetime,
        name: str | None = None,
    ) -> BudgetStanding:
        """The budget's standing in its present period. One read.

        `name`: whose account it is where the budget has several: the id of a run.
        """
        gates = budget_gates(owner_id, budget, calendar, at, name)
        accounts = self._store.accounts([gate.account for gate in gates]) if gates else {}
        return BudgetStanding(budget, standings_of(gates, accounts))


def budget_gates(
    owner_id: str, budget: Budget, calendar: Calendar, at: datetime, name: str | None = None
) -> list[Gate]:
    """The budget's gates in its present period, one for each unit; none without an account.

    A budget of the system that applies to each tenant, and one of runs, has one account for each:
    without a tenant or a name it has no single one.
    """
    of_system = budget.source == "system" and budget.scope == SYSTEM_SCOPE
    is_each = owner_id == SYSTEM and budget.scope != SYSTEM_SCOPE
    if is_each or (budget.period == RUN and name is None):
        return []
    owner, calendar = (
        (SYSTEM, UTC_CALENDAR) if of_system or owner_id == SYSTEM else (owner_id, calendar)
    )
    period = RUN if budget.period == RUN else calendar.name(budget.period, at)
    return [
        Gate(view, _account(view, owner, period, name), calendar, at)
        for view in budget.at(at, period).by_unit
    ]


def _account(view: Budget, owner: str, period: str, name: str | None) -> AccountKey:
    """The account of the present period, or of the run of that id."""
    if period != RUN or view.unit != USD:
        return budget_account(view, owner, period, name)
    run = workflow_key if view.scope == WORKFLOW else execution_key
    return run(owner, name or "")
