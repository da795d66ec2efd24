"""The operations of the budgeting function: everything that people decide."""

from budget_monitor.entrypoints import budgets, prices, runs, tenants
from budget_monitor.entrypoints.decisions import Services
from budget_monitor.entrypoints.operations import Operation

OPERATIONS: tuple[Operation[Services], ...] = (
    *budgets.OPERATIONS,
    *prices.OPERATIONS,
    *runs.OPERATIONS,
    *tenants.OPERATIONS,
)
