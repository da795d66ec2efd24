"""Puts the parts together, once for each environment; imports only what the function uses."""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from budget_monitor.adapters.policies import StoredPolicies
from budget_monitor.adapters.price_list import PublishedPrices
from budget_monitor.adapters.store import DynamoStore
from budget_monitor.adapters.system import RandomIds, SystemClock
from budget_monitor.config import Config
from budget_monitor.entrypoints.operations import Desk
from budget_monitor.usecases.holds import Remembered
from budget_monitor.usecases.planning import Planner
from budget_monitor.usecases.pricing import Pricing

if TYPE_CHECKING:
    from budget_monitor.adapters.cache import CachedAccounts
    from budget_monitor.adapters.messengers import AwsMessenger
    from budget_monitor.entrypoints.alerting import Services as AlertingServices
    from budget_monitor.entrypoints.checking import Services as CheckingServices
    from budget_monitor.entrypoints.decisions import Services as BudgetingServices
    from budget_monitor.entrypoints.reconciling import Services as ReconcilingServices
    from budget_monitor.entrypoints.reporting import Services as ReportingServices
    from budget_monitor.entrypoints.resetting import Services as ResettingServices
    from budget_monitor.entrypoints.tracking import Services as TrackingServices
    from budget_monitor.usecases.pausing import Pausing
    from budget_monitor.usecases.repricing import Repricing
    from budget_monitor.usecases.reviewing import Reviewing
    from budget_monitor.usecases.sweeping import Sweeping


@dataclass(frozen=True, slots=True)
class _Parts:
    store: "DynamoStore | CachedAccounts"
    truth: DynamoStore
    policies: StoredPolicies
    clock: SystemClock
    planner: Planner
    pricing: Pricing
    remembered: Remembered
    region: str


def checking() -> "Desk[CheckingServices]":
    """Everything that the checking function needs."""
    from budget_monitor.entrypoints.checking import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.checking import Checking  # noqa: PLC0415
    from budget_monitor.usecases.holding import Holding  # noqa: PLC0415

    parts = _parts(Config.from_environment())
    services = Services(
        Checking(
            parts.store,
            parts.pricing,
            parts.remembered,
            _sweeping(parts),
            _pausing(parts),
        ),
        Holding(parts.store, parts.planner, parts.clock, parts.remembered),
    )
    return Desk(services, parts.clock, RandomIds())


def tracking() -> "Desk[TrackingServices]":
    """Everything that the tracking function needs."""
    from budget_monitor.entrypoints.tracking import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.adjusting import Adjusting  # noqa: PLC0415
    from budget_monitor.usecases.batches import Batches  # noqa: PLC0415
    from budget_monitor.usecases.recording import Recording  # noqa: PLC0415
    from budget_monitor.usecases.settling import Settling  # noqa: PLC0415

    config = Config.from_environment()
    parts = _parts(config)
    services = Services(
        Recording(parts.store, parts.planner, parts.clock, parts.pricing),
        Settling(parts.store, parts.planner, parts.clock, parts.remembered, parts.pricing),
        Batches(parts.store, parts.planner, parts.clock, parts.pricing),
        Adjusting(parts.store, parts.planner, parts.clock),
        partial(_reconciling, parts, config),
        partial(_repricing, parts),
        partial(_reviewing, parts),
    )
    return Desk(services, parts.clock, RandomIds())


def reporting() -> "Desk[ReportingServices]":
    """Everything that the reporting function needs."""
    from budget_monitor.entrypoints.reporting import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.forecasting import Forecasting  # noqa: PLC0415
    from budget_monitor.usecases.reporting import Reporting  # noqa: PLC0415
    from budget_monitor.usecases.shadowing import Shadowing  # noqa: PLC0415
    from budget_monitor.usecases.statements import Statements  # noqa: PLC0415

    parts = _parts(Config.from_environment())
    services = Services(
        Reporting(parts.store, parts.policies, parts.clock),
        Shadowing(parts.store, parts.clock),
        parts.truth.alerts,
        Statements(parts.store, parts.clock),
        Forecasting(parts.store, parts.policies, parts.clock),
    )
    return Desk(services, parts.clock, RandomIds())


def budgeting() -> "Desk[BudgetingServices]":
    """Everything that the budgeting function needs."""
    from budget_monitor.entrypoints.decisions import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.budgeting import Budgeting  # noqa: PLC0415
    from budget_monitor.usecases.governing import Governing  # noqa: PLC0415
    from budget_monitor.usecases.histories import Histories  # noqa: PLC0415
    from budget_monitor.usecases.price_setting import PriceSetting  # noqa: PLC0415
    from budget_monitor.usecases.runs import Runs  # noqa: PLC0415
    from budget_monitor.usecases.tenants import Tenants  # noqa: PLC0415

    parts = _parts(Config.from_environment())
    governing = Governing(parts.store, parts.policies, parts.clock, RandomIds())
    services = Services(
        Budgeting(governing),
        PriceSetting(governing, parts.pricing),
        Tenants(governing),
        _pausing(parts),
        Histories(parts.store),
        Runs(parts.store, parts.policies, parts.clock),
    )
    return Desk(services, parts.clock, RandomIds())


def alerting() -> "Desk[AlertingServices]":
    """Everything that the alerting function needs."""
    from budget_monitor.entrypoints.alerting import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.alerting import Alerting  # noqa: PLC0415
    from budget_monitor.usecases.delivering import Delivering  # noqa: PLC0415

    config = Config.from_environment()
    parts, messenger = _parts(config), _messenger(config)
    delivering = Delivering(parts.store, parts.truth.alerts, messenger, parts.clock)
    alerting = Alerting(parts.store, parts.truth.alerts, parts.policies, delivering, parts.clock)
    return Desk(Services(alerting, delivering), parts.clock, RandomIds())


def resetting() -> "Desk[ResettingServices]":
    """Everything that the resetting function needs."""
    from budget_monitor.adapters.relay import LambdaRelay  # noqa: PLC0415 - lean imports
    from budget_monitor.entrypoints.resetting import Services  # noqa: PLC0415
    from budget_monitor.usecases.closing import Closing  # noqa: PLC0415
    from budget_monitor.usecases.forecasting import Forecasting  # noqa: PLC0415

    config = Config.from_environment()
    parts = _parts(config)
    services = Services(
        Closing(parts.store, parts.policies, parts.clock),
        Forecasting(parts.store, parts.policies, parts.clock),
        LambdaRelay(config),
    )
    return Desk(services, parts.clock, RandomIds())


def expiring() -> "Desk[Sweeping]":
    """Everything that the expiring function needs."""
    parts = _parts(Config.from_environment())
    return Desk(_sweeping(parts), parts.clock, RandomIds())


def _reconciling(parts: _Parts, config: Config) -> "ReconcilingServices":
    from budget_monitor.adapters.relay import LambdaRelay  # noqa: PLC0415 - lean imports
    from budget_monitor.entrypoints.reconciling import Services  # noqa: PLC0415
    from budget_monitor.usecases.reconciling import Reconciling  # noqa: PLC0415

    reconciling = Reconciling(parts.store, parts.policies, parts.clock, RandomIds())
    return Services(reconciling, LambdaRelay(config))


def _repricing(parts: _Parts) -> "Repricing":
    from budget_monitor.usecases.adjusting import Adjusting  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.reporting import Reporting  # noqa: PLC0415
    from budget_monitor.usecases.repricing import Repricing  # noqa: PLC0415

    adjusting = Adjusting(parts.store, parts.planner, parts.clock)
    reporting = Reporting(parts.store, parts.policies, parts.clock)
    return Repricing(parts.store, reporting, parts.pricing, adjusting)


def _reviewing(parts: _Parts) -> "Reviewing":
    from budget_monitor.usecases.reviewing import Reviewing  # noqa: PLC0415 - lean imports

    return Reviewing(parts.store, parts.planner, parts.clock)


def _pausing(parts: _Parts) -> "Pausing":
    from budget_monitor.adapters.step_functions import StepFunctions  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.pausing import Pausing  # noqa: PLC0415

    return Pausing(parts.store, parts.clock, StepFunctions(parts.region))


def _sweeping(parts: _Parts) -> "Sweeping":
    from budget_monitor.usecases.sweeping import Sweeping  # noqa: PLC0415 - lean imports

    return Sweeping(parts.store, parts.planner, parts.clock)


@lru_cache(maxsize=8)
def _messenger(config: Config) -> "AwsMessenger":
    """One messenger for an environment: its clients keep their connections."""
    from budget_monitor.adapters.messengers import AwsMessenger  # noqa: PLC0415 - lean imports

    return AwsMessenger(config)


@lru_cache(maxsize=8)
def _parts(config: Config) -> _Parts:
    """One set of parts for an environment, kept as long as the process lives."""
    truth, clock = DynamoStore(config), SystemClock()
    store = _cached(truth, clock, config) if config.cache_url else truth
    policies = StoredPolicies(config, store, clock)
    planner = Planner(store, policies, clock)
    pricing = Pricing(PublishedPrices(), planner)
    return _Parts(store, truth, policies, clock, planner, pricing, Remembered(), config.region)


def _cached(truth: DynamoStore, clock: SystemClock, config: Config) -> "CachedAccounts":
    """The store with the read cache before it."""
    from budget_monitor.adapters.cache import CachedAccounts  # noqa: PLC0415 - lean imports
    from budget_monitor.adapters.cache_server import CacheServer  # noqa: PLC0415

    server = CacheServer(config.cache_url or "")
    return CachedAccounts(truth, server, f"{config.region}/{config.accounts_table}", clock)
