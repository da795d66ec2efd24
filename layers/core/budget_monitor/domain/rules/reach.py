"""How many accounts one request can meet by an owner's budgets: a transaction has 100 items."""

from collections.abc import Iterable

from budget_monitor.domain.accounting.accounts import TAG, WORKFLOW
from budget_monitor.domain.accounting.labels import MAX_ANCESTORS, MAX_TAGS
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.units import USD

MAX_REACH = 35
"""Accounts beside those that every cost moves: of a tenant's budgets, and as many of the system's.

A settlement moves at most 18 other accounts and writes 3 facts: 91 of 100 items.
"""


def reach(budgets: Iterable[Budget]) -> int:
    """The most accounts of their own that these budgets have for one request.

    In USD a budget of runs and a default watch accounts that every cost moves. Of a run's tokens
    and calls there is an account for the execution and for each of its ancestors, of a budget for
    each tag one for each tag of the request.
    """
    return sum(map(_of_one, budgets))


def _of_one(budget: Budget) -> int:
    units = [view.unit for view in budget.by_unit]
    if budget.period == RUN or budget.is_default:
        units = [unit for unit in units if unit != USD]
    if budget.period == RUN and budget.scope != WORKFLOW:
        return len(units) * (1 + MAX_ANCESTORS)
    return len(units) * (MAX_TAGS if budget.is_each and budget.scope == TAG else 1)
