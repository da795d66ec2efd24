"""Warn about a budget for a name that has no costs yet, and suggest similar names."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    SYSTEM,
    TAG,
    listing,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import DAY, MONTH
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.matching import Matcher, ModelNames
from budget_monitor.ports import Policies, Reads, Span
from budget_monitor.usecases.rules.budgets import BudgetView

DAYS, ENTRIES = 3, 200
"""How many of the latest days are searched, and how many costs of each day."""
_MONTH = timedelta(days=31)
_NEAR, _LIKE = 3, 0.6
"""Maximum of suggested names, and their minimum similarity."""

logger = logging.getLogger(__name__)


class SeenNames:
    """Searches recent costs for a budget's name."""

    def __init__(self, store: Reads, policies: Policies) -> None:
        self._store = store
        self._policies = policies

    def warning(self, view: BudgetView) -> str | None:
        """Return the warning for a budget on a name that was not seen; None if it was.

        The budget is stored already: if names cannot be read now, there is no warning. Agents
        and models are looked for in this month and the last; other names in the latest costs.
        """
        budget = view.budget
        if view.tenant_id == SYSTEM or budget.scope_id is None or budget.is_each:
            return None
        try:
            seen = list(self._seen(view))
            models = self._policies.for_tenant(view.tenant_id).matcher.models
        except UnavailableError:
            logger.exception("the names of %s cannot be read", view.tenant_id)
            return None
        return _warning(budget, seen, models)

    def _seen(self, view: BudgetView) -> Iterator[Labels]:
        months = {view.calendar.name(MONTH, at) for at in (view.at, view.at - _MONTH)}
        for month in sorted(months):
            for scope in (AGENT, MODEL):
                for account in self._store.listed(listing(view.tenant_id, scope, month)):
                    name = account.scope_id or None
                    yield Labels(agent=name) if scope == AGENT else Labels(model=name)
        if view.budget.scope not in {AGENT, MODEL, EXECUTION}:
            yield from self._of_costs(view.tenant_id)

    def _of_costs(self, tenant_id: str) -> Iterator[Labels]:
        """The labels of the latest costs; a list of a day begins with its first."""
        days = {one.period for one in self._store.listed(listing(tenant_id, "days", "all"))}
        for day in sorted(days)[-DAYS:]:
            page = self._store.entries_of_day(tenant_id, day, Span(), ENTRIES)
            for entry in self._store.entries(tenant_id, page.entry_ids).values():
                yield entry.labels


def _warning(budget: Budget, seen: Sequence[Labels], models: ModelNames) -> str | None:
    scope = AGENT if budget.scope == EXECUTION else budget.scope
    matcher = Matcher([replace(budget, scope=scope, period=DAY)], models)
    if any(True for labels in seen for _ in matcher.meets(labels)):
        return None
    where = "this month or the last" if scope in {AGENT, MODEL} else f"the latest {DAYS} days"
    said = f"the {scope} {budget.scope_id} was not found in costs of {where}"
    names = {name for labels in seen for name in _names(scope, labels)}
    near = get_close_matches((budget.scope_id or "").casefold(), [*_folded(names)], _NEAR, _LIKE)
    spelled = [_folded(names)[one] for one in near]
    return f"{said}; similar names: {', '.join(spelled)}" if spelled else said


def _folded(names: set[str]) -> dict[str, str]:
    return {one.casefold(): one for one in sorted(names)}


def _names(scope: str, labels: Labels) -> Sequence[str]:
    if scope == TAG:
        return labels.tags
    said = getattr(labels, scope)
    return (said,) if said else ()
