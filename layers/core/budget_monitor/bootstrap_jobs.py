"""Create the objects of the functions that alert and close months, once per environment."""

from functools import lru_cache, partial

from budget_monitor.adapters.aws.alert_channels import AwsMessenger
from budget_monitor.adapters.aws.export_bucket import ExportBucket
from budget_monitor.adapters.aws.self_invoke import SelfInvoke
from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.config import Config
from budget_monitor.entrypoints.alerting import Services as AlertingServices
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.entrypoints.resetting import Services as ResettingServices
from budget_monitor.parts import Parts, context_of, reading_parts_of, signing_key
from budget_monitor.usecases.alerts.delivery import AlertDelivery, no_link
from budget_monitor.usecases.alerts.thresholds import ThresholdJudge
from budget_monitor.usecases.approvals.links import ApprovalLinks
from budget_monitor.usecases.exports.export_month import MonthExport
from budget_monitor.usecases.months.close import MonthClose
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.prices.price_lists import PriceWatch


def alerting() -> RequestContext[AlertingServices]:
    """Return the context of the alerting function."""
    config = Config.from_environment()
    parts, messenger = reading_parts_of(config), _messenger(config)
    sends = (parts.store, parts.truth.alerts, messenger, parts.clock)
    delivery = AlertDelivery(*sends, _links(config).of if config.signing_key else no_link)
    judge = ThresholdJudge(parts.store, parts.truth.alerts, parts.policies, delivery, parts.clock)
    return context_of(AlertingServices(judge, delivery), parts)


def resetting() -> RequestContext[ResettingServices]:
    """Return the context of the resetting function."""
    config = Config.from_environment()
    parts = reading_parts_of(config)
    services = ResettingServices(
        MonthClose(parts.store, parts.policies, parts.clock),
        Forecasting(parts.store, parts.policies, parts.clock),
        SelfInvoke(config),
        PriceWatch(parts.store, parts.policies, PublishedPrices(), parts.clock),
        partial(_exporting, parts, config),
    )
    return context_of(services, parts)


def _exporting(parts: Parts, config: Config) -> MonthExport:
    files = ExportBucket(config.exports_bucket, config.region)
    return MonthExport(parts.store, parts.policies, parts.clock, files)


@lru_cache(maxsize=8)
def _links(config: Config) -> ApprovalLinks:
    """Return one per environment: it keeps the keys that it has read."""
    key = signing_key(config)
    return ApprovalLinks(lambda: key.keys, config.dashboard_url or "")


@lru_cache(maxsize=8)
def _messenger(config: Config) -> AwsMessenger:
    """Return one messenger per environment: its clients keep their connections."""
    return AwsMessenger(config)
