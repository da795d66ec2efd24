"""Create what all functions share: store, rules, prices, clock; once per environment."""

from collections.abc import Callable
from dataclasses import field, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from budget_monitor.adapters.dynamodb.policies import StoredPolicies
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.adapters.system import PrintedMetrics, RandomIds, SystemClock
from budget_monitor.config import Config
from budget_monitor.domain.values import dataclass
from budget_monitor.entrypoints.door.callers.access import Access
from budget_monitor.entrypoints.door.callers.rates import TenantRates
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.ports import Store
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.holds.known_holds import HoldCache
from budget_monitor.usecases.prices.pricing import Pricing

if TYPE_CHECKING:
    from budget_monitor.adapters.aws.price_bucket import PriceBucket
    from budget_monitor.adapters.aws.signing_key import SigningKey

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the functions share."""

    store: Store
    truth: DynamoStore
    policies: StoredPolicies
    clock: SystemClock
    planner: Planner
    pricing: Pricing
    hold_cache: HoldCache
    region: str
    metrics: PrintedMetrics
    rates: TenantRates | None
    notices: AlertWriter
    access: Access
    contexts: dict[Callable[..., Any], Any] = field(default_factory=dict, compare=False, repr=False)
    """The contexts of functions that were made with these parts."""

    def context(self, make: Callable[["Parts", Config], C], config: Config) -> C:
        """Return the context that this makes: one for all requests."""
        if make not in self.contexts:
            self.contexts[make] = make(self, config)
        found: C = self.contexts[make]
        return found


@lru_cache(maxsize=8)
def price_bucket(config: Config) -> "PriceBucket":
    """The bucket of newer price lists: no function needs it before one is in force."""
    from budget_monitor.adapters.aws.price_bucket import PriceBucket  # noqa: PLC0415 - lean imports

    return PriceBucket(config.prices_bucket, config.region)


@lru_cache(maxsize=8)
def signing_key(config: Config) -> "SigningKey":
    """Return one per environment: it keeps the keys that it has read."""
    from budget_monitor.adapters.aws.signing_key import SigningKey  # noqa: PLC0415 - lean imports

    return SigningKey(config.signing_key, config.region)


def context_of(services: S, parts: Parts, *, limited: bool = False) -> RequestContext[S]:
    """Return what one request uses; `limited`: the rate limit of each tenant applies."""
    rates = parts.rates if limited else None
    return RequestContext(services, parts.clock, RandomIds(), parts.metrics, rates, parts.access)


@lru_cache(maxsize=8)
def parts_of(config: Config) -> Parts:
    """Return one set of parts per environment, kept for the life of the process."""
    truth, clock = DynamoStore(config), SystemClock()
    store: Store = truth
    if config.cache_url:
        from budget_monitor.adapters.cache.cached_store import cached  # noqa: PLC0415 - lean imports

        store = cached(truth, clock, config)
    metrics = PrintedMetrics(config.stack)
    truth.on_heat = partial(_grow, store, metrics)
    published = PublishedPrices(partial(price_bucket, config))
    policies = StoredPolicies(config, store, clock, published.common_names)
    pricing = Pricing(published, config.price_difference)
    planner = Planner(store, policies, clock, pricing)
    rates = TenantRates(config.tenant_rate, clock) if config.tenant_rate else None
    access = Access(config.tenant_claim, config.scope_prefix)
    shared = store, truth, policies, clock, planner, pricing, HoldCache(), config.region, metrics
    return Parts(*shared, rates, AlertWriter(store), access)


def _grow(store: Store, metrics: PrintedMetrics, *hot: *tuple[str, int, datetime]) -> None:
    from budget_monitor.usecases.accounting.grow_stripes import StripeGrowth  # noqa: PLC0415 - lean imports

    StripeGrowth(store, metrics).note(*hot)


@lru_cache(maxsize=8)
def reading_parts_of(config: Config) -> Parts:
    """The same parts for a function that moves no accounts: it writes no balances down."""
    parts = parts_of(config)
    owned = config, parts.store, parts.clock, parts.policies.defaults.models
    return replace(parts, policies=StoredPolicies(*owned, keeps_balances=False))
