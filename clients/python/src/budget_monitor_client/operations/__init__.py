"""Every operation of the API as a method.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from typing import Generic

from budget_monitor_client.calling import R
from budget_monitor_client.operations.accounting import Accounting
from budget_monitor_client.operations.alerts import Alerts
from budget_monitor_client.operations.approvals import Approvals
from budget_monitor_client.operations.budget_changes import BudgetChanges
from budget_monitor_client.operations.costs import Costs
from budget_monitor_client.operations.holds import Holds
from budget_monitor_client.operations.months import Months
from budget_monitor_client.operations.price_names import PriceNames
from budget_monitor_client.operations.prices import Prices
from budget_monitor_client.operations.quotes import Quotes
from budget_monitor_client.operations.reports import Reports
from budget_monitor_client.operations.rules import Rules
from budget_monitor_client.operations.tenants import Tenants
from budget_monitor_client.operations.workflows import Workflows


class Operations(
    Holds[R],
    Costs[R],
    Rules[R],
    BudgetChanges[R],
    Tenants[R],
    Prices[R],
    PriceNames[R],
    Quotes[R],
    Workflows[R],
    Approvals[R],
    Alerts[R],
    Months[R],
    Reports[R],
    Accounting[R],
    Generic[R],
):
    """Every operation of the API as a method."""
