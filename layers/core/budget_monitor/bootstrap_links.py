"""Create the objects of the page behind signed links and of the forwarder of alerts."""

from functools import lru_cache

from budget_monitor.adapters.aws.durable_functions import Callbacks
from budget_monitor.adapters.aws.webhooks import HttpPost, SecretWebhooks, SqsLater
from budget_monitor.adapters.system import PrintedMetrics, RandomIds, SystemClock
from budget_monitor.config import Config
from budget_monitor.entrypoints import forwarding as forwarder
from budget_monitor.entrypoints.approving.page import Services
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.parts import parts_of, signing_key
from budget_monitor.usecases.alerts.forward import Forwarding
from budget_monitor.usecases.approvals.approvals import Approvals
from budget_monitor.usecases.rules.balances import Balances
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.rulebook import Rulebook
from budget_monitor.usecases.workflows.pause import Pausing


def approving() -> RequestContext[Services]:
    """Return the context of the approving function."""
    config = Config.from_environment()
    parts = parts_of(config)
    rulebook = Rulebook(parts.store, parts.policies, parts.clock, RandomIds())
    budgeting = Budgeting(rulebook, Balances(parts.store, keeps=True))
    pausing = Pausing(parts.store, parts.clock, Callbacks(parts.region))
    deciding = (rulebook, budgeting, pausing)
    approvals = Approvals(parts.store, parts.clock, parts.planner, *deciding, config.four_eyes)
    key = signing_key(config)
    services = Services(approvals, lambda: key.keys)
    return RequestContext(services, parts.clock, RandomIds(), parts.metrics)


def forwarding() -> RequestContext[forwarder.Services]:
    """Return the context of the forwarding function. It reads no table."""
    config, clock = Config.from_environment(), SystemClock()
    queue = SqsLater(config.webhooks_queue, config.region)
    use_case = Forwarding(_webhooks(config), HttpPost(), queue, clock)
    services = forwarder.Services(use_case)
    return RequestContext(services, clock, RandomIds(), PrintedMetrics(config.stack))


@lru_cache(maxsize=8)
def _webhooks(config: Config) -> SecretWebhooks:
    """Return one per environment: it keeps the receivers that it has read."""
    return SecretWebhooks(config.webhooks_secret, config.region)
