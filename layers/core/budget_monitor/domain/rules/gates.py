"""Gates: one budget on one account. A request must pass all of its gates."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    BUDGET,
    EXECUTION,
    SYSTEM,
    TENANT,
    WORKFLOW,
    AccountKey,
    WorkflowTerms,
)
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import MONTH, RUN, TOTAL
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.wind_down import WHOLE
from budget_monitor.domain.units import USD, share_of
from budget_monitor.domain.values import dataclass

UTC_CALENDAR = Calendar()

GateId = tuple[AccountKey, str]
"""An account and the id of a budget on it."""

_NAME = 2
"""Where the id of a budget's account says whose it is: after the budget's id and scope."""

_EXECUTION, _WORKFLOW, _CUSTOM, _TENANT, _SYSTEM = range(5)


@dataclass(frozen=True, slots=True)
class Gate:
    """One budget on one account. The budget's limit includes the raises in force now."""

    budget: Budget
    account: AccountKey
    calendar: Calendar = UTC_CALENDAR
    moment: datetime | None = None
    """An instant within the account's period."""
    of_run: bool = False
    """True if the limit is the run's own, which takes the place of its budgets' limits."""
    each: str | None = None
    """The name that the account counts, if the budget is for each name separately."""
    percent: int = WHOLE
    """The percentage of the limit that the request may use."""
    percent_wrapping_up: int = WHOLE
    """The same if the request says that it wraps up."""
    private: bool = False
    """True if its amounts are the platform's own: a tenant sees only whether it allows."""

    @property
    def unit(self) -> str:
        """The unit that its account counts."""
        return self.account.unit

    @property
    def usable_limit(self) -> Decimal | None:
        """The part of the limit that the request may use; None: there is no limit."""
        limit = self.budget.limit
        return None if limit is None else self.usable_part_of(limit)

    def usable_part_of(self, limit: Decimal | None) -> Decimal:
        """Return the part of that limit that the request may use."""
        if limit is None or self.percent == WHOLE:
            return limit or ZERO
        return share_of(self.unit, limit, self.percent)

    def asked_by(self, model: str | None, *, wrap_up: bool) -> "Gate":
        """Return the gate as it applies to a request for this model."""
        if not self.budget.winds_down:
            return self
        percent = self.budget.percent_for(model, wrap_up=wrap_up)
        wrapping_up = self.budget.percent_for(model, wrap_up=True)
        return replace(self, percent=percent, percent_wrapping_up=wrapping_up)

    @property
    def id(self) -> GateId:
        """Identity of the gate within a request."""
        return self.account, self.budget.budget_id

    def under(self, terms: WorkflowTerms) -> "Gate":
        """Return the gate with the limit of these terms, if they have one.

        An execution's own limit only ever raises the limit of a budget.
        """
        if terms.limit is None or (self.account.scope == EXECUTION and not self._is_raised(terms)):
            return self
        return replace(self, budget=replace(self.budget, limit=terms.limit), of_run=True)

    def _is_raised(self, terms: WorkflowTerms) -> bool:
        limits = self.budget.limit, terms.limit
        return limits[0] is not None and limits[1] is not None and limits[1] > limits[0]

    @property
    def scope_id(self) -> str:
        """Id of the run or tenant, or the name that the budget is for."""
        if self.account.scope != BUDGET:
            return self.account.scope_id
        owner = "system" if self.account.tenant_id == SYSTEM else self.account.tenant_id
        if self.account.period == RUN:
            return named_in(self.account) or owner
        return self.each or self.budget.scope_id or owner

    @property
    def resets_at(self) -> datetime | None:
        """End of the account's period in UTC; None for a run, or if the end is not known."""
        if self.account.period in {RUN, TOTAL}:
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
        if account.period == RUN:
            of_workflow = WORKFLOW in {account.scope, self.budget.scope}
            return _WORKFLOW if of_workflow else _EXECUTION, self.budget.budget_id
        of_tenant = self.budget.scope == TENANT and self.budget.is_default
        return _TENANT if of_tenant else _CUSTOM, self.budget.budget_id


def own_account(budget: Budget, owner: str, period: str, name: str | None = None) -> AccountKey:
    """Return the account that only this budget watches.

    `name`: whose it is, unless the budget says it: a run's id, or a name of a `*` budget.
    """
    if budget.is_each and name is not None:
        named = key(budget.budget_id, budget.scope, budget.scope_id or "", budget.life, name)
    else:
        life = [budget.life] if budget.life else []
        named = key(budget.budget_id, budget.scope, name or budget.scope_id or "", *life)
    return AccountKey(owner, BUDGET, named, period, unit=budget.unit)


def named_in(account: AccountKey) -> str | None:
    """Return whose account it is, as `own_account` wrote it; None: everyone's of the scope."""
    return account.each_name or parts(account.scope_id)[_NAME] or None


def in_units(gate: Gate) -> list[Gate]:
    """The gate of a budget in USD, as one gate for each unit that the budget limits.

    What counts tokens or calls has an account of its own for the same period, or run.
    """
    if not gate.budget.counted:
        return [gate]
    account = gate.account
    whose = account.scope_id if account.period == RUN else gate.each
    return [
        gate
        if view.unit == USD
        else replace(
            gate,
            budget=view,
            account=own_account(view, account.tenant_id, account.period, whose),
        )
        for view in gate.budget.by_unit
    ]
