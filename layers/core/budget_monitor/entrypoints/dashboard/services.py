"""The use cases behind the pages. None of them writes."""

from dataclasses import dataclass

from budget_monitor.entrypoints.dashboard.claims import OpenId
from budget_monitor.entrypoints.dashboard.session import Keys, Session, session_of
from budget_monitor.entrypoints.dashboard.visit import Visit
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.ports import Policies
from budget_monitor.ports.alerts import Alerts
from budget_monitor.usecases.approvals.stored import StoredRequests
from budget_monitor.usecases.holds.headroom import Headroom
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.months.statements import Statements
from budget_monitor.usecases.reports.breakdowns import Breakdowns
from budget_monitor.usecases.reports.hold_list import HoldList
from budget_monitor.usecases.reports.run_list import RunList
from budget_monitor.usecases.reports.system_breakdowns import SystemBreakdowns
from budget_monitor.usecases.reports.usage import Reporting
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting


@dataclass(frozen=True, slots=True)
class Access:
    """How browsers get access: the keys of links, and the address of the pages."""

    keys: Keys
    address: str | None
    """Address of the pages in links; None: that of the request."""
    openid: OpenId | None = None
    """The provider by which people sign in; None: there are links only."""


@dataclass(frozen=True, slots=True)
class Reports:
    """The use cases of the reports that pages show."""

    reporting: Reporting
    breakdowns: Breakdowns
    system_breakdowns: SystemBreakdowns
    runs: RunList
    holds: HoldList
    alerts: Alerts
    statements: Statements
    forecasting: Forecasting
    headroom: Headroom
    budgeting: Budgeting
    budget_usage: BudgetUsage
    requests: StoredRequests
    policies: Policies


@dataclass(frozen=True, slots=True)
class Services:
    """What the dashboard function works with, for one request."""

    reports: Reports
    access: Access
    visit: Visit


Context = RequestContext[Services]


def signed_in(context: Context) -> Session:
    """Return the session of the request. Raises NotSignedInError, UnavailableError."""
    return session_of(
        context.services.visit.cookies, context.services.access.keys, context.clock.now()
    )
