"""The use cases of the reporting function, and the bounds of its pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.ports import Clock, Policies, Reads
from budget_monitor.ports.alerts import Alerts
from budget_monitor.usecases.holds.headroom import Headroom
from budget_monitor.usecases.holds.shadow_report import Shadowing
from budget_monitor.usecases.holds.system_shadow_report import SystemShadowing
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.months.statements import Statements
from budget_monitor.usecases.prices.quote import Quoting
from budget_monitor.usecases.reports.breakdowns import Breakdowns
from budget_monitor.usecases.reports.hold_list import HoldList
from budget_monitor.usecases.reports.ledger_list import LedgerList
from budget_monitor.usecases.reports.run_list import RunList
from budget_monitor.usecases.reports.system_breakdowns import SystemBreakdowns
from budget_monitor.usecases.reports.tenant_list import TenantList
from budget_monitor.usecases.reports.usage import Reporting

MAX_ITEMS, DEFAULT_ITEMS = 1000, 100


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the reporting function."""

    reporting: Reporting
    shadowing: Shadowing
    alerts: Alerts
    statements: Statements
    forecasting: Forecasting
    openapi: Callable[[], Mapping[str, Any]]
    """Builds the OpenAPI document. Its modules are loaded only when needed."""
    quoting: Quoting
    headroom: Headroom
    tenants: TenantList
    system_shadowing: SystemShadowing
    views: "Views"


@dataclass(frozen=True, slots=True)
class Views:
    """Breakdowns and lists: each page is read for itself, and none of them writes."""

    breakdowns: Breakdowns
    system_breakdowns: SystemBreakdowns
    runs: RunList
    holds: HoldList
    ledger: LedgerList

    @classmethod
    def of(cls, store: Reads, policies: Policies, clock: Clock) -> "Views":
        """The views of this store."""
        parts = store, policies, clock
        return cls(
            Breakdowns(*parts),
            SystemBreakdowns(*parts),
            RunList(*parts),
            HoldList(store, clock),
            LedgerList(*parts),
        )


def page_limit(fields: Fields) -> int:
    """Return the maximum of items of a page."""
    return fields.count("limit", 1, MAX_ITEMS) or DEFAULT_ITEMS
