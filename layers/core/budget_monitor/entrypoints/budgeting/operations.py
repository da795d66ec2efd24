"""The operations of the budgeting function: budgets, prices, pauses, tenant settings."""

from budget_monitor.entrypoints.budgeting import (
    approvals,
    authority,
    budget_changes,
    budget_names,
    budgets,
    price_names,
    prices,
    tenants,
    workflows,
)
from budget_monitor.entrypoints.budgeting.request import Services
from budget_monitor.entrypoints.door.operations import Operation

OPERATIONS: tuple[Operation[Services], ...] = (
    *budgets.OPERATIONS,
    *budget_names.OPERATIONS,
    *budget_changes.OPERATIONS,
    *prices.OPERATIONS,
    *price_names.OPERATIONS,
    *workflows.OPERATIONS,
    *approvals.OPERATIONS,
    *authority.OPERATIONS,
    *tenants.OPERATIONS,
)
