"""What is spent, held and left of budgets, read from the accounts that they watch now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    SYSTEM_SCOPE,
    WORKFLOW,
    AccountKey,
    execution_key,
    workflow_key,
)
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.periods import MONTH, RUN
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import UTC_CALENDAR, Gate, in_units
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.units import USD
from budget_monitor.ports import Accounts
from budget_monitor.usecases.rules.budgets import BudgetView


class BudgetUsage:
    """Reads the accounts of budgets, strongly consistent."""

    def __init__(self, store: Accounts) -> None:
        self._store = store

    def of(
        self, views: Iterable[BudgetView], name: str | None = None
    ) -> Mapping[str, Sequence[Standing]]:
        """Return the standings of each budget, by its id: one for each unit. One batch read.

        `name`: whose account it is, of a budget with several: the id of a run, or a name of a `*`
        budget. Without it such a budget has no standing, nor has one of the system that applies to
        each tenant.
        """
        gates = [gate for view in views for gate in self.gates(view, name)]
        accounts = self._store.accounts([gate.account for gate in gates]) if gates else {}
        found = defaultdict[str, list[Standing]](list)
        for one in standings_of(gates, accounts):
            found[one.budget.budget_id].append(one)
        return found

    def fallen(
        self, view: BudgetView, was: Budget | None, before: BudgetView | None = None
    ) -> Standing | None:
        """Return the first standing, by unit, whose limit fell below the spend, or None.

        `was`: the budget before an edit. `before`: the view of an earlier moment.
        """
        was_gates = self.gates(replace(before or view, budget=was)) if was else []
        gates = {gate.unit: gate for gate in was_gates}
        for standing in self.of([view]).get(view.budget.budget_id, ()):
            if not standing.budget.warns or not standing.exceeded:
                continue
            gate = gates.get(standing.gate.unit)
            same = gate is not None and gate.account == standing.gate.account
            if not (same and gate and replace(standing, gate=gate).exceeded):
                return standing
        return None

    @staticmethod
    def gates(view: BudgetView, name: str | None = None) -> list[Gate]:
        """Return the budget's gates in its present period, one for each unit.

        Empty for a budget with several accounts, unless `name` says whose account is meant.
        """
        gate = _gate(view, name)
        return in_units(gate) if gate else []


def _gate(view: BudgetView, name: str | None) -> Gate | None:
    budget, of_system = view.budget, view.budget.scope == SYSTEM_SCOPE
    if (budget.period == RUN or budget.is_each) and name is None:
        return None
    if view.tenant_id == SYSTEM and not of_system:
        return None
    calendar = UTC_CALENDAR if of_system and budget.period != MONTH else view.calendar
    period = RUN if budget.period == RUN else calendar.name(budget.period, view.at)
    return Gate(
        budget.at(view.at, period),
        _account(view, period, name),
        UTC_CALENDAR if of_system else calendar,
        None if of_system and budget.period == MONTH else view.at,
        private=view.private,
        each=name if budget.is_each else None,
    )


def _account(view: BudgetView, period: str, name: str | None) -> AccountKey:
    budget = view.budget
    if period == RUN:
        run = workflow_key if budget.scope == WORKFLOW else execution_key
        return run(view.tenant_id, name or "")
    owner = SYSTEM if budget.scope == SYSTEM_SCOPE else view.tenant_id
    return budget_account(budget, owner, period, name if budget.is_each else None)


def in_usd(standings: Sequence[Standing]) -> Standing | None:
    """Return the standing in USD among those of a budget."""
    return next((one for one in standings if one.gate.unit == USD), None)
