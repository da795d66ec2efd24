"""The operations of the budgeting function: budgets, prices, pauses, tenant settings."""

from budget_monitor.entrypoints.budgeting import budgets, prices, tenants, workflows
from budget_monitor.entrypoints.budgeting.request import Services
from budget_monitor.entrypoints.door.operations import Operation

OPERATIONS: tuple[Operation[Services], ...] = (
    *budgets.OPERATIONS,
    *prices.OPERATIONS,
    *workflows.OPERATIONS,
    *tenants.OPERATIONS,
)
