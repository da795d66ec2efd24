"""Gates: a budget over one account, which is what a request must pass."""

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
from budget_monitor.domain.periods import MONTH, RUN, TOTAL
from budget_monitor.domain.rules.budgets import Budget

UTC_CALENDAR = Calendar()

GateName = tuple[AccountKey, str]
"""An account and the id of a budget that watches it."""

_RANKS = {EXECUTION: 0, WORKFLOW: 1}
_CUSTOM, _TENANT, _SYSTEM = 2, 3, 4


@dataclass(frozen=True, slots=True)
class Gate:
    """A budget over one account: what a request must pass. Its limit is as raised now."""

    budget: Budget
    account: AccountKey
    calendar: Calendar = UTC_CALENDAR
    moment: datetime | None = None
    """A moment of the account's period."""
    of_run: bool = False
    """Whether the limit is the run's own, in place of its budgets'."""
    private: bool = False
    """Whether its amounts are the platform's own: a tenant sees only whether it allows."""

    @property
    def name(self) -> GateName:
        """What tells this gate from all others of a request."""
        return self.account, self.budget.budget_id

    def under(self, terms: WorkflowTerms) -> "Gate":
        """The same gate of a run with those terms."""
        if terms.limit is None:
            return self
        return replace(self, budget=replace(self.budget, limit=terms.limit), of_run=True)

    @property
    def scope_id(self) -> str:
        """Whose money: a run's id, or the name that the budget is for."""
        if self.account.scope != BUDGET:
            return self.account.scope_id
        owner = "system" if self.account.tenant_id == SYSTEM else self.account.tenant_id
        return self.budget.scope_id or owner

    @property
    def resets_at(self) -> datetime | None:
        """When the account's period ends and the next one begins with nothing spent."""
        if self.account.period in {RUN, TOTAL}:
            return None
        if self.moment is None:
            is_month = self.budget.period == MONTH
            return self.calendar.month_end(self.account.period) if is_month else None
        return self.calendar.end(self.budget.period, self.moment)

    @property
    def counting_since(self) -> datetime | None:
        """Since when a budget's own account counts, where that is not its period's beginning."""
        since = self.budget.created_at
        if self.account.scope != BUDGET or since is None:
            return None
        first = self.calendar.name(self.budget.period, since) == self.account.period
        return since if first else None

    @property
    def rank(self) -> tuple[int, str]:
        """The narrowest gate comes first: execution, workflow, custom, tenant, system."""
        account = self.account
        if account.tenant_id == SYSTEM:
            return _SYSTEM, self.budget.budget_id
        if account.scope == TENANT and self.budget.is_default:
            return _TENANT, self.budget.budget_id
        return _RANKS.get(account.scope, _CUSTOM), self.budget.budget_id
