"""Create the objects of the dashboard function, once per environment."""

from functools import lru_cache

from budget_monitor.adapters.openid import OpenIdProvider
from budget_monitor.adapters.system import RandomIds
from budget_monitor.config import Config
from budget_monitor.entrypoints.dashboard.claims import OpenId
from budget_monitor.entrypoints.dashboard.services import Access, Context, Reports, Services
from budget_monitor.entrypoints.dashboard.visit import Visit
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.parts import reading_parts_of, signing_key
from budget_monitor.usecases.approvals.stored import StoredRequests
from budget_monitor.usecases.holds.headroom import Headroom
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.months.statements import Statements
from budget_monitor.usecases.reports.breakdowns import Breakdowns
from budget_monitor.usecases.reports.hold_list import HoldList
from budget_monitor.usecases.reports.run_list import RunList
from budget_monitor.usecases.reports.system_breakdowns import SystemBreakdowns
from budget_monitor.usecases.reports.usage import Reporting
from budget_monitor.usecases.rules.balances import Balances
from budget_monitor.usecases.rules.budget_usage import BudgetUsage
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.rulebook import Rulebook


def dashboard(visit: Visit) -> Context:
    """Return the context of the dashboard function for one request."""
    config = Config.from_environment()
    parts = reading_parts_of(config)
    services = Services(_reports(config), _access(config), visit)
    return RequestContext(services, parts.clock, RandomIds(), parts.metrics)


@lru_cache(maxsize=8)
def _access(config: Config) -> Access:
    """Return one per environment: it keeps the key that it has read."""
    key, openid = signing_key(config), None
    if config.openid_issuer and config.openid_client:
        provider = OpenIdProvider(config.openid_issuer, config.openid_client)
        openid = OpenId(provider, config.openid_tenant_claim, config.openid_operators)
    return Access(key, config.dashboard_url, openid)


@lru_cache(maxsize=8)
def _reports(config: Config) -> Reports:
    parts = reading_parts_of(config)
    read = parts.store, parts.policies, parts.clock
    return Reports(
        Reporting(*read),
        Breakdowns(*read),
        SystemBreakdowns(*read),
        RunList(*read),
        HoldList(parts.store, parts.clock),
        parts.truth.alerts,
        Statements(parts.store, parts.clock, hides_system=parts.policies.defaults.hides_system),
        Forecasting(*read),
        Headroom(parts.store, parts.planner),
        Budgeting(Rulebook(*read, RandomIds()), Balances(parts.store, keeps=False)),
        BudgetUsage(parts.store),
        StoredRequests(parts.store, parts.clock),
        parts.policies,
    )
