"""The operations of the budgeting function: everything that people decide."""

from budget_monitor.entrypoints.budgeting import budget_changes, budgets, prices, tenants, workflows
from budget_monitor.entrypoints.budgeting.request import Services
from budget_monitor.entrypoints.door.operations import Operation

OPERATIONS: tuple[Operation[Services], ...] = (
    *budgets.OPERATIONS,
    *budget_changes.OPERATIONS,
    *prices.OPERATIONS,
    *workflows.OPERATIONS,
    *tenants.OPERATIONS,
)
