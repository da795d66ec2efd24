"""Puts the parts together, once for each environment; imports only what the function uses."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from budget_monitor.adapters.dynamodb.policies import StoredPolicies
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.adapters.system import RandomIds, SystemClock
from budget_monitor.config import Config
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.holds.known_holds import HoldCache
from budget_monitor.usecases.prices.pricing import Pricing

if TYPE_CHECKING:
    from budget_monitor.adapters.aws.alert_channels import AwsMessenger
    from budget_monitor.adapters.cache.cached_store import CachedStore
    from budget_monitor.adapters.dynamodb.erasure import RowEraser
    from budget_monitor.entrypoints.alerting import Services as AlertingServices
    from budget_monitor.entrypoints.budgeting.request import Services as BudgetingServices
    from budget_monitor.entrypoints.checking import Services as CheckingServices
    from budget_monitor.entrypoints.reporting.operations import Services as ReportingServices
    from budget_monitor.entrypoints.resetting import Services as ResettingServices
    from budget_monitor.entrypoints.tracking.operations import Services as TrackingServices
    from budget_monitor.entrypoints.tracking.reconcile import Services as ReconcilingServices
    from budget_monitor.usecases.costs.reprice import Repricing
    from budget_monitor.usecases.costs.review import Reviewing
    from budget_monitor.usecases.holds.expire import Sweeping
    from budget_monitor.usecases.workflows.pause import Pausing


@dataclass(frozen=True, slots=True)
class _Parts:
    store: "DynamoStore | CachedStore"
    truth: DynamoStore
    policies: StoredPolicies
    clock: SystemClock
    planner: Planner
    pricing: Pricing
    remembered: HoldCache
    region: str


def checking() -> "RequestContext[CheckingServices]":
    """Everything that the checking function needs."""
    from budget_monitor.entrypoints.checking import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.holds.check import Checking  # noqa: PLC0415
    from budget_monitor.usecases.holds.manage import Holding  # noqa: PLC0415
    from budget_monitor.usecases.holds.reserve import Reserving  # noqa: PLC0415

    parts = _parts(Config.from_environment())
    sweeping = _sweeping(parts)
    services = Services(
        Checking(parts.store, parts.planner, sweeping),
        Reserving(parts.store, parts.planner, parts.remembered, sweeping, _pausing(parts)),
        Holding(parts.store, parts.planner, parts.clock, parts.remembered),
    )
    return RequestContext(services, parts.clock, RandomIds())


def tracking() -> "RequestContext[TrackingServices]":
    """Everything that the tracking function needs."""
    from budget_monitor.entrypoints.tracking.operations import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.costs.adjust import Adjusting  # noqa: PLC0415
    from budget_monitor.usecases.costs.record import Recording  # noqa: PLC0415
    from budget_monitor.usecases.costs.record_batch import Batches  # noqa: PLC0415
    from budget_monitor.usecases.costs.settle import Settling  # noqa: PLC0415

    config = Config.from_environment()
    parts = _parts(config)
    services = Services(
        Recording(parts.store, parts.planner, parts.clock),
        Settling(parts.store, parts.planner, parts.clock, parts.remembered),
        Batches(parts.store, parts.planner, parts.clock),
        Adjusting(parts.store, parts.planner, parts.clock),
        partial(_reconciling, parts, config),
        partial(_repricing, parts),
        partial(_reviewing, parts),
    )
    return RequestContext(services, parts.clock, RandomIds())


def reporting() -> "RequestContext[ReportingServices]":
    """Everything that the reporting function needs."""
    from budget_monitor.entrypoints.reporting.operations import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.holds.shadow_report import Shadowing  # noqa: PLC0415
    from budget_monitor.usecases.holds.system_shadow_report import SystemShadowing  # noqa: PLC0415
    from budget_monitor.usecases.months.forecast import Forecasting  # noqa: PLC0415
    from budget_monitor.usecases.months.statements import Statements  # noqa: PLC0415
    from budget_monitor.usecases.reports.tenant_list import TenantList  # noqa: PLC0415
    from budget_monitor.usecases.reports.usage import Reporting  # noqa: PLC0415

    parts = _reading(Config.from_environment())
    shadowing = Shadowing(parts.store, parts.clock)
    services = Services(
        Reporting(parts.store, parts.policies, parts.clock),
        shadowing,
        parts.truth.alerts,
        Statements(parts.store, parts.clock, hides_system=parts.policies.defaults.hides_system),
        Forecasting(parts.store, parts.policies, parts.clock),
        TenantList(parts.store, parts.clock),
        SystemShadowing(parts.store, parts.clock, shadowing),
    )
    return RequestContext(services, parts.clock, RandomIds())


def budgeting() -> "RequestContext[BudgetingServices]":
    """Everything that the budgeting function needs."""
    from budget_monitor.entrypoints.budgeting.request import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.costs.erase_tenant import TenantErasure  # noqa: PLC0415
    from budget_monitor.usecases.prices.set_prices import PriceSetting  # noqa: PLC0415
    from budget_monitor.usecases.rules.balances import Balances  # noqa: PLC0415
    from budget_monitor.usecases.rules.budget_usage import BudgetUsage  # noqa: PLC0415
    from budget_monitor.usecases.rules.budgets import Budgeting  # noqa: PLC0415
    from budget_monitor.usecases.rules.history import Histories  # noqa: PLC0415
    from budget_monitor.usecases.rules.limit_watch import LimitWatch  # noqa: PLC0415
    from budget_monitor.usecases.rules.rulebook import Rulebook  # noqa: PLC0415
    from budget_monitor.usecases.rules.tenants import Tenants  # noqa: PLC0415
    from budget_monitor.usecases.workflows.runs import WorkflowReader  # noqa: PLC0415

    config = Config.from_environment()
    parts = _parts(config)
    governing = Rulebook(parts.store, parts.policies, parts.clock, RandomIds())
    budgeting, usage = (
        Budgeting(governing, Balances(parts.store, keeps=True)),
        BudgetUsage(parts.store),
    )
    services = Services(
        budgeting,
        usage,
        LimitWatch(parts.store, parts.clock, usage, budgeting),
        PriceSetting(governing, parts.pricing),
        Tenants(governing),
        _pausing(parts),
        Histories(parts.store),
        WorkflowReader(parts.store, parts.policies, parts.clock),
        TenantErasure(
            parts.store, parts.clock, governing, parts.truth.alerts, partial(_eraser, config)
        ),
    )
    return RequestContext(services, parts.clock, RandomIds())


def alerting() -> "RequestContext[AlertingServices]":
    """Everything that the alerting function needs."""
    from budget_monitor.entrypoints.alerting import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.alerts.delivery import Delivering  # noqa: PLC0415
    from budget_monitor.usecases.alerts.thresholds import Alerting  # noqa: PLC0415

    config = Config.from_environment()
    parts, messenger = _reading(config), _messenger(config)
    delivering = Delivering(parts.store, parts.truth.alerts, messenger, parts.clock)
    alerting = Alerting(parts.store, parts.truth.alerts, parts.policies, delivering, parts.clock)
    return RequestContext(Services(alerting, delivering), parts.clock, RandomIds())


def resetting() -> "RequestContext[ResettingServices]":
    """Everything that the resetting function needs."""
    from budget_monitor.adapters.aws.self_invoke import SelfInvoke  # noqa: PLC0415 - lean imports
    from budget_monitor.entrypoints.resetting import Services  # noqa: PLC0415
    from budget_monitor.usecases.months.close import MonthClose  # noqa: PLC0415
    from budget_monitor.usecases.months.forecast import Forecasting  # noqa: PLC0415

    config = Config.from_environment()
    parts = _reading(config)
    services = Services(
        MonthClose(parts.store, parts.policies, parts.clock),
        Forecasting(parts.store, parts.policies, parts.clock),
        SelfInvoke(config),
    )
    return RequestContext(services, parts.clock, RandomIds())


def expiring() -> "RequestContext[Sweeping]":
    """Everything that the expiring function needs."""
    parts = _parts(Config.from_environment())
    return RequestContext(_sweeping(parts), parts.clock, RandomIds())


@lru_cache(maxsize=8)
def _eraser(config: Config) -> "RowEraser":
    from budget_monitor.adapters.dynamodb.erasure import RowEraser  # noqa: PLC0415 - lean imports

    return RowEraser(config)


def _reconciling(parts: _Parts, config: Config) -> "ReconcilingServices":
    from budget_monitor.adapters.aws.self_invoke import SelfInvoke  # noqa: PLC0415 - lean imports
    from budget_monitor.entrypoints.tracking.reconcile import Services  # noqa: PLC0415
    from budget_monitor.usecases.reconcile.reconcile import Reconciling  # noqa: PLC0415

    reconciling = Reconciling(parts.store, parts.policies, parts.clock, RandomIds())
    return Services(reconciling, SelfInvoke(config))


def _repricing(parts: _Parts) -> "Repricing":
    from budget_monitor.usecases.costs.adjust import Adjusting  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.costs.reprice import Repricing  # noqa: PLC0415
    from budget_monitor.usecases.reports.usage import Reporting  # noqa: PLC0415

    adjusting = Adjusting(parts.store, parts.planner, parts.clock)
    reporting = Reporting(parts.store, parts.policies, parts.clock)
    return Repricing(parts.store, parts.policies, reporting, parts.pricing, adjusting)


def _reviewing(parts: _Parts) -> "Reviewing":
    from budget_monitor.usecases.costs.review import Reviewing  # noqa: PLC0415 - lean imports

    return Reviewing(parts.store, parts.planner, parts.clock)


def _pausing(parts: _Parts) -> "Pausing":
    from budget_monitor.adapters.aws.step_functions import StepFunctions  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.workflows.pause import Pausing  # noqa: PLC0415

    return Pausing(parts.store, parts.clock, StepFunctions(parts.region))


def _sweeping(parts: _Parts) -> "Sweeping":
    from budget_monitor.usecases.holds.expire import Sweeping  # noqa: PLC0415 - lean imports

    return Sweeping(parts.store, parts.planner, parts.clock)


@lru_cache(maxsize=8)
def _messenger(config: Config) -> "AwsMessenger":
    """One messenger for an environment: its clients keep their connections."""
    from budget_monitor.adapters.aws.alert_channels import AwsMessenger  # noqa: PLC0415 - lean imports

    return AwsMessenger(config)


@lru_cache(maxsize=8)
def _reading(config: Config) -> _Parts:
    """The same parts for a function that moves no accounts: it writes no balances down."""
    parts = _parts(config)
    policies = StoredPolicies(config, parts.store, parts.clock, keeps_balances=False)
    return replace(parts, policies=policies)


@lru_cache(maxsize=8)
def _parts(config: Config) -> _Parts:
    """One set of parts for an environment, kept as long as the process lives."""
    truth, clock = DynamoStore(config), SystemClock()
    store = _cached(truth, clock, config) if config.cache_url else truth
    policies = StoredPolicies(config, store, clock)
    pricing = Pricing(PublishedPrices())
    planner = Planner(store, policies, clock, pricing)
    return _Parts(store, truth, policies, clock, planner, pricing, HoldCache(), config.region)


def _cached(truth: DynamoStore, clock: SystemClock, config: Config) -> "CachedStore":
    """The store with the read cache before it."""
    from budget_monitor.adapters.cache.cached_store import CachedStore  # noqa: PLC0415 - lean imports
    from budget_monitor.adapters.cache.server import CacheServer  # noqa: PLC0415

    server = CacheServer(config.cache_url or "")
    return CachedStore(truth, server, f"{config.region}/{config.accounts_table}", clock)
