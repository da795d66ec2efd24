"""Which budgets watch an account: the gates that its row in the stream is compared with."""

from datetime import datetime

from budget_monitor.domain.accounting.accounts import (
    BUDGET,
    EXECUTION,
    SYSTEM_SCOPE,
    TENANT,
    WORKFLOW,
    AccountKey,
)
from budget_monitor.domain.accounting.labels import parts
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate, named_in, own_account
from budget_monitor.domain.rules.policy import Policy, budget_account
from budget_monitor.domain.units import USD


def watching(policy: Policy, account: AccountKey, name: str | None, at: datetime) -> list[Gate]:
    """Return the gates on an account, with the raises in force at `at`.

    `name`: the name of the run, for an execution's or workflow's account.
    """
    if account.scope in {EXECUTION, WORKFLOW}:
        return [one for one in policy.run_gates(account, name, at) if one.account == account]
    if account.scope == BUDGET and account.unit != USD:
        return _counted(policy, account, at)
    period, each = account.period, account.each_name
    own = [
        Gate(
            one.at(at, period),
            account,
            policy.calendar,
            _moment(policy, one, period, at),
            each=each,
        )
        for one in policy.custom
        if one.period != RUN and budget_account(one, account.tenant_id, period, each) == account
    ]
    return [*_default(policy, account, at), *own]


def _default(policy: Policy, account: AccountKey, at: datetime) -> list[Gate]:
    """The built-in budget of the account of a tenant or of the system."""
    if account.scope == TENANT:
        return [policy.tenant_gate(account.tenant_id, account.period, at)]
    return [policy.system_gate(account.period, at)] if account.scope == SYSTEM_SCOPE else []


def _counted(policy: Policy, account: AccountKey, at: datetime) -> list[Gate]:
    """The gates over an account of tokens or calls: those of the budget that it names."""
    budget_id, name, period = parts(account.scope_id)[0], named_in(account), account.period
    found = (one for one in policy.budgets if one.budget_id == budget_id)
    seen = (view for one in found for view in one.by_unit)
    return [
        Gate(view, account, policy.calendar, _moment(policy, view, period, at))
        for view in seen
        if own_account(view, account.tenant_id, period, name) == account
    ]


def _moment(policy: Policy, budget: Budget, period: str, at: datetime) -> datetime | None:
    """The instant, if it is in that period of the budget."""
    is_now = budget.period != RUN and policy.calendar.name(budget.period, at) == period
    return at if is_now else None
