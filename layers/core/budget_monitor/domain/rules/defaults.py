"""The policy of a tenant for which nothing was set: the four built-in budgets."""

from decimal import Decimal
from functools import partial

from budget_monitor.domain.accounting.accounts import EXECUTION, SYSTEM_SCOPE, TENANT, WORKFLOW
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.rules.budgets import ENFORCE, PAUSE, Budget
from budget_monitor.domain.rules.policy import Policy


def default_policy(
    execution: Decimal | None,
    workflow: Decimal | None,
    tenant_month: Decimal | None,
    system_month: Decimal | None,
    enforcement: str = ENFORCE,
) -> Policy:
    """Return the policy of the four built-in budgets, with these limits in USD."""
    run = partial(Budget, enforcement=enforcement, period=RUN, thresholds=())
    month = partial(Budget, enforcement=enforcement)
    return Policy(
        execution=run("execution", EXECUTION, execution),
        workflow=run("workflow", WORKFLOW, workflow, PAUSE),
        tenant_month=month("tenant-month", TENANT, tenant_month),
        system_month=month("system-month", SYSTEM_SCOPE, system_month),
    )
