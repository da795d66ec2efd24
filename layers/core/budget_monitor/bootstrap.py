"""Create the objects of each function, once per environment; import only what it uses."""

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.adapters.system import RandomIds
from budget_monitor.config import Config
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.parts import Parts, context_of, parts_of, price_bucket, reading_parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budget_monitor.adapters.dynamodb.erasure import RowEraser
    from budget_monitor.domain.accounting.accounts import Account, AccountKey
    from budget_monitor.domain.holds.decisions import Verdict
    from budget_monitor.entrypoints.budgeting.request import Services as BudgetingServices
    from budget_monitor.entrypoints.checking import Services as CheckingServices
    from budget_monitor.entrypoints.intercepting.interceptor import Interceptor
    from budget_monitor.entrypoints.reporting.services import Services as ReportingServices
    from budget_monitor.entrypoints.tracking.operations import Services as TrackingServices
    from budget_monitor.entrypoints.tracking.reconcile import Services as ReconcilingServices
    from budget_monitor.ports import Document
    from budget_monitor.usecases.accounting.plan import Plan
    from budget_monitor.usecases.costs.backfill import Backfilling
    from budget_monitor.usecases.costs.erase_tenant import TenantErasure
    from budget_monitor.usecases.costs.record_batch import Batches
    from budget_monitor.usecases.costs.reprice import Repricing
    from budget_monitor.usecases.costs.review import Reviewing
    from budget_monitor.usecases.costs.settle import Settling
    from budget_monitor.usecases.holds.decision import Decision
    from budget_monitor.usecases.holds.expire import Sweeping
    from budget_monitor.usecases.holds.recent_refusals import Refusals
    from budget_monitor.usecases.prices.price_lists import PriceLists
    from budget_monitor.usecases.rules.rulebook import Rulebook
    from budget_monitor.usecases.workflows.pause import Pausing


def checking() -> "RequestContext[CheckingServices]":
    """Return the context of the checking function."""
    config = Config.from_environment()
    return parts_of(config).context(_checking, config)


def _checking(parts: Parts, config: Config) -> "RequestContext[CheckingServices]":
    from budget_monitor.entrypoints.checking import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.holds.check import Checking  # noqa: PLC0415
    from budget_monitor.usecases.holds.manage import Holding  # noqa: PLC0415
    from budget_monitor.usecases.holds.reserve import OnRefusal, Reserving  # noqa: PLC0415

    sweeping, refusals = _sweeping(parts), _refusals(config)
    services = Services(
        Checking(parts.store, parts.planner, sweeping, refusals),
        Reserving(
            parts.store,
            parts.planner,
            parts.hold_cache,
            sweeping,
            OnRefusal(partial(_pause, parts), partial(_ask_people, parts), refusals),
        ),
        Holding(parts.store, parts.planner, parts.clock, parts.hold_cache),
    )
    return context_of(services, parts, limited=True)


def tracking() -> "RequestContext[TrackingServices]":
    """Return the context of the tracking function."""
    config = Config.from_environment()
    return parts_of(config).context(_tracking, config)


def _tracking(parts: Parts, config: Config) -> "RequestContext[TrackingServices]":
    from budget_monitor.entrypoints.tracking.operations import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.costs.adjust import Adjusting  # noqa: PLC0415
    from budget_monitor.usecases.costs.record import Recording  # noqa: PLC0415
    from budget_monitor.usecases.costs.record_batch import Batches  # noqa: PLC0415

    batches = Batches(parts.store, parts.planner, parts.clock, parts.notices)
    services = Services(
        Recording(parts.store, parts.planner, parts.clock, parts.notices),
        _settling(parts),
        batches,
        Adjusting(parts.store, parts.planner, parts.clock),
        partial(_reconciling, parts, config),
        partial(_repricing, parts),
        partial(_reviewing, parts),
        partial(_backfilling, parts, batches),
    )
    return context_of(services, parts)


def intercepting() -> "Interceptor":
    """Return the interceptor of an AgentCore gateway."""
    from budget_monitor.adapters.aws.functions import LambdaFunctions  # noqa: PLC0415 - lean imports
    from budget_monitor.config import InterceptingConfig  # noqa: PLC0415
    from budget_monitor.entrypoints.intercepting.interceptor import Interceptor  # noqa: PLC0415
    from budget_monitor.entrypoints.intercepting.tools import ToolPrices  # noqa: PLC0415

    config = InterceptingConfig.from_environment()
    prices, chains = ToolPrices.parse(config.tool_prices), config.next_arn is not None
    claims = (config.tenant_claim, config.user_claim)
    return Interceptor(LambdaFunctions(config), prices, *claims, chains=chains)


def reporting() -> "RequestContext[ReportingServices]":
    """Return the context of the reporting function."""
    from budget_monitor.entrypoints.reporting.services import Services, Views  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.holds.headroom import Headroom  # noqa: PLC0415
    from budget_monitor.usecases.holds.shadow_report import Shadowing  # noqa: PLC0415
    from budget_monitor.usecases.holds.system_shadow_report import SystemShadowing  # noqa: PLC0415
    from budget_monitor.usecases.months.forecast import Forecasting  # noqa: PLC0415
    from budget_monitor.usecases.months.statements import Statements  # noqa: PLC0415
    from budget_monitor.usecases.prices.quote import Quoting  # noqa: PLC0415
    from budget_monitor.usecases.reports.tenant_list import TenantList  # noqa: PLC0415
    from budget_monitor.usecases.reports.usage import Reporting  # noqa: PLC0415

    parts = reading_parts_of(Config.from_environment())
    shadowing = Shadowing(parts.store, parts.clock)
    services = Services(
        Reporting(parts.store, parts.policies, parts.clock),
        shadowing,
        parts.truth.alerts,
        Statements(parts.store, parts.clock, hides_system=parts.policies.defaults.hides_system),
        Forecasting(parts.store, parts.policies, parts.clock),
        _openapi,
        Quoting(parts.policies, parts.clock, parts.pricing),
        Headroom(parts.store, parts.planner),
        TenantList(parts.store, parts.clock),
        SystemShadowing(parts.store, parts.clock, shadowing),
        Views.of(parts.store, parts.policies, parts.clock),
    )
    return context_of(services, parts, limited=True)


def budgeting() -> "RequestContext[BudgetingServices]":
    """Return the context of the budgeting function."""
    from budget_monitor.entrypoints.budgeting.request import Services  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.approvals.approvals import Approvals  # noqa: PLC0415
    from budget_monitor.usecases.approvals.set_authority import AuthoritySetting  # noqa: PLC0415
    from budget_monitor.usecases.prices.aliases import Aliases  # noqa: PLC0415
    from budget_monitor.usecases.prices.set_prices import PriceSetting  # noqa: PLC0415
    from budget_monitor.usecases.rules.balances import Balances  # noqa: PLC0415
    from budget_monitor.usecases.rules.budget_names import BudgetNames  # noqa: PLC0415
    from budget_monitor.usecases.rules.budget_usage import BudgetUsage  # noqa: PLC0415
    from budget_monitor.usecases.rules.budgets import Budgeting  # noqa: PLC0415
    from budget_monitor.usecases.rules.history import HistoryReader  # noqa: PLC0415
    from budget_monitor.usecases.rules.limit_watch import LimitWatch  # noqa: PLC0415
    from budget_monitor.usecases.rules.rulebook import Rulebook  # noqa: PLC0415
    from budget_monitor.usecases.rules.seen_names import SeenNames  # noqa: PLC0415
    from budget_monitor.usecases.rules.tenants import Tenants  # noqa: PLC0415
    from budget_monitor.usecases.workflows.runs import WorkflowReader  # noqa: PLC0415

    parts = parts_of(config := Config.from_environment())
    rulebook = Rulebook(parts.store, parts.policies, parts.clock, RandomIds())
    budgeting = Budgeting(rulebook, Balances(parts.store, keeps=True))
    usage, pausing = BudgetUsage(parts.store), _pausing(parts)
    deciding = (rulebook, budgeting, pausing)
    services = Services(
        budgeting,
        usage,
        LimitWatch(parts.store, parts.clock, usage, budgeting, parts.notices),
        PriceSetting(rulebook, parts.pricing),
        Tenants(rulebook, parts.store),
        pausing,
        HistoryReader(parts.store),
        WorkflowReader(parts.store, parts.policies, parts.clock),
        Aliases(rulebook),
        _price_lists(config, rulebook),
        BudgetNames(parts.store),
        SeenNames(parts.store, parts.policies),
        _erasing(parts, config, rulebook),
        Approvals(parts.store, parts.clock, parts.planner, *deciding, config.four_eyes),
        AuthoritySetting(rulebook),
    )
    return context_of(services, parts, limited=True)


def expiring() -> "RequestContext[Sweeping]":
    """Return the context of the expiring function."""
    parts = parts_of(Config.from_environment())
    return context_of(_sweeping(parts), parts)


def _openapi() -> "dict[str, Any]":
    from budget_monitor.entrypoints.openapi.document import document  # noqa: PLC0415 - lean imports

    return document()


@lru_cache(maxsize=8)
def _refusals(config: Config) -> "Refusals":
    """Return one memory of refusals per environment."""
    from budget_monitor.usecases.holds.recent_refusals import Refusals  # noqa: PLC0415 - lean imports

    return Refusals(parts_of(config).notices)


def _price_lists(config: Config, rulebook: "Rulebook") -> "PriceLists":
    from budget_monitor.usecases.prices.price_lists import PriceLists  # noqa: PLC0415 - lean imports

    return PriceLists(rulebook, price_bucket(config), PublishedPrices())


def _erasing(parts: Parts, config: Config, rulebook: "Rulebook") -> "TenantErasure":
    from budget_monitor.adapters.aws.export_bucket import ExportBucket  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.costs.erase_tenant import TenantErasure  # noqa: PLC0415

    eraser = partial(_eraser, config)
    exports = ExportBucket(config.exports_bucket, config.region, read_seconds=5)
    return TenantErasure(parts.store, parts.clock, rulebook, parts.truth.alerts, eraser, exports)


@lru_cache(maxsize=8)
def _eraser(config: Config) -> "RowEraser":
    from budget_monitor.adapters.dynamodb.erasure import RowEraser  # noqa: PLC0415 - lean imports

    return RowEraser(config)


def _reconciling(parts: Parts, config: Config) -> "ReconcilingServices":
    from budget_monitor.adapters.aws.self_invoke import SelfInvoke  # noqa: PLC0415 - lean imports
    from budget_monitor.entrypoints.tracking.reconcile import Services  # noqa: PLC0415
    from budget_monitor.usecases.reconcile.reconcile import Reconciling  # noqa: PLC0415

    reconciling = Reconciling(parts.store, parts.policies, parts.clock, RandomIds(), parts.notices)
    return Services(reconciling, SelfInvoke(config), parts.metrics)


def _repricing(parts: Parts) -> "Repricing":
    from budget_monitor.usecases.costs.adjust import Adjusting  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.costs.reprice import Repricing  # noqa: PLC0415
    from budget_monitor.usecases.reports.ledger_list import LedgerList  # noqa: PLC0415

    adjusting = Adjusting(parts.store, parts.planner, parts.clock)
    ledger = LedgerList(parts.store, parts.policies, parts.clock)
    return Repricing(parts.store, parts.policies, ledger, parts.pricing, adjusting)


def _reviewing(parts: Parts) -> "Reviewing":
    from budget_monitor.usecases.costs.review import Reviewing  # noqa: PLC0415 - lean imports

    return Reviewing(parts.store, parts.planner, parts.clock)


def _backfilling(parts: Parts, batches: "Batches") -> "Backfilling":
    from budget_monitor.usecases.costs.backfill import Backfilling  # noqa: PLC0415 - lean imports

    return Backfilling(parts.store, parts.planner, parts.clock, batches)


def _pausing(parts: Parts) -> "Pausing":
    from budget_monitor.adapters.aws.durable_functions import Callbacks  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.workflows.pause import Pausing  # noqa: PLC0415

    return Pausing(parts.store, parts.clock, Callbacks(parts.region))


def _pause(
    parts: Parts, plan: "Plan", verdict: "Verdict", decided: "Document | None"
) -> int | None:
    return _pausing(parts).pause_for(plan, verdict, decided)


def _ask_people(
    parts: Parts,
    plan: "Plan",
    refused: "Decision",
    accounts: "Mapping[AccountKey, Account]",
    principal: str | None,
) -> str | None:
    from budget_monitor.usecases.approvals.ask_for_refused import AskingForRefused  # noqa: PLC0415 - lean imports
    from budget_monitor.usecases.approvals.stored import StoredRequests  # noqa: PLC0415

    stored = StoredRequests(parts.store, parts.clock)
    return AskingForRefused(parts.store, stored).ask(plan, refused, accounts, principal)


def _sweeping(parts: Parts) -> "Sweeping":
    from budget_monitor.usecases.holds.expire import Sweeping  # noqa: PLC0415 - lean imports

    settle = lambda hold: _settling(parts).settle_overdue(hold)  # noqa: E731 - imports when needed
    return Sweeping(parts.store, parts.planner, parts.clock, settle, parts.notices)


def _settling(parts: Parts) -> "Settling":
    from budget_monitor.usecases.costs.settle import Settling  # noqa: PLC0415 - lean imports

    return Settling(parts.store, parts.planner, parts.clock, parts.hold_cache, parts.notices)
