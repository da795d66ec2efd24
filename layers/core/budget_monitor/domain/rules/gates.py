"""Gates: one budget on one account. A request must pass all of its gates."""

from dataclasses import dataclass, replace
from datetime import datetime

from budget_monitor.domain.accounting.accounts import (
    BUDGET,
    EXECUTION,
    SYSTEM,
    TENANT,
    WORKFLOW,
    AccountKey,
    WorkflowTerms,
)
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.periods import MONTH, RUN
from budget_monitor.domain.rules.budgets import Budget

UTC_CALENDAR = Calendar()

GateId = tuple[AccountKey, str]
"""An account and the id of a budget on it."""

_RANKS = {EXECUTION: 0, WORKFLOW: 1}
_CUSTOM, _TENANT, _SYSTEM = 2, 3, 4


@dataclass(frozen=True, slots=True)
class Gate:
    """One budget on one account. The budget's limit includes the raises in force now."""

    budget: Budget
    account: AccountKey
    calendar: Calendar = UTC_CALENDAR
    moment: datetime | None = None
    """An instant within the account's period."""
    of_run: bool = False
    """True if the limit is the workflow's own, which replaces its budgets' limits."""
    """Whether the limit is the run's own, in place of its budgets'."""
    each: str | None = None
    """The name that the account counts, where the budget is for each name by itself."""

    @property
    def id(self) -> GateId:
        """Identity of the gate within a request."""
        return self.account, self.budget.budget_id

    def under(self, terms: WorkflowTerms) -> "Gate":
        """Return the gate with the limit of these workflow terms, if they have one."""
        if terms.limit is None:
            return self
        return replace(self, budget=replace(self.budget, limit=terms.limit), of_run=True)

    @property
    def scope_id(self) -> str:
        """Id of the run or tenant, or the name that the budget is for."""
        if self.account.scope != BUDGET:
            return self.account.scope_id
        owner = "system" if self.account.tenant_id == SYSTEM else self.account.tenant_id
        return self.each or self.budget.scope_id or owner

    @property
    def resets_at(self) -> datetime | None:
        """End of the account's period in UTC; None for a run, or if the end is not known."""
        if self.account.period == RUN:
            return None
        if self.moment is None:
            is_month = self.budget.period == MONTH
            return self.calendar.month_end(self.account.period) if is_month else None
        return self.calendar.end(self.budget.period, self.moment)

    @property
    def counting_since(self) -> datetime | None:
        """Creation time of the budget if its account started counting within this period."""
        since = self.budget.created_at
        if self.account.scope != BUDGET or since is None:
            return None
        first = self.calendar.name(self.budget.period, since) == self.account.period
        return since if first else None

    @property
    def rank(self) -> tuple[int, str]:
        """Sort key, narrowest first: execution, workflow, custom, tenant, system."""
        account = self.account
        if account.tenant_id == SYSTEM:
            return _SYSTEM, self.budget.budget_id
        if account.scope == TENANT and self.budget.is_default:
            return _TENANT, self.budget.budget_id
        return _RANKS.get(account.scope, _CUSTOM), self.budget.budget_id
