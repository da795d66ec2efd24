"""Policy: the budgets that apply to a tenant's requests, and the account of each budget."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    SYSTEM,
    SYSTEM_SCOPE,
    TENANT,
    WORKFLOW,
    AccountKey,
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.periods import (
    MONTH,
    QUARTER,
    RUN,
    SHORT,
    TOTAL,
    YEAR,
    Booking,
    period_of_month,
)
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.prices.set_prices import Alias, Price, PriceListEdition, meant
from budget_monitor.domain.rules.budgets import BLOCK_NEW, Budget
from budget_monitor.domain.rules.gates import (
    UTC_CALENDAR,
    Gate,
    GateId,
    in_units,
    own_account,
)
from budget_monitor.domain.rules.matching import (
    LISTED_SCOPES,
    RUN_SCOPES,
    Matcher,
    ModelNames,
    as_said,
    with_aliases,
)
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.units import USD
from budget_monitor.domain.values import dataclass

_OF_MONTHS = {MONTH, QUARTER, YEAR, TOTAL}
"""Periods made of whole months: late costs count in the present one."""

Names = Mapping[AccountKey, str]
"""Names of the executions above an execution: those of their agents."""


@dataclass(frozen=True, slots=True)
class Policy:
    """All budgets and settings that apply to a tenant."""

    execution: Budget
    workflow: Budget
    tenant_month: Budget
    system_month: Budget
    custom: tuple[Budget, ...] = ()
    """All other budgets of the tenant and of the system."""
    calendar: Calendar = UTC_CALENDAR
    max_holds: int = 1000
    """Maximum of open reservations per tenant, counted on its month's account."""
    max_per_entry: Decimal | None = None
    """Ceiling of one cost or hold of any tenant, in USD; None: no ceiling."""
    own_max_per_entry: Decimal | None = None
    """The tenant's own ceiling in USD; it can only be lower than the one of all tenants."""
    version: int = 0
    """Version of the tenant's rules."""
    system_version: int = 0
    """Version of the system's rules."""
    suspended: Suspension | None = None
    """The tenant's suspension, or None."""
    owner: str | None = None
    fallback: Rates | None = None
    prices: tuple[Price, ...] = ()
    """Prices set for the tenant."""
    system_prices: tuple[Price, ...] = ()
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    """Aliases of models, the tenant's before the system's."""
    trusts_provider: bool = False
    """True if a cost in a usage object is booked, even if a gateway computed it."""
    price_lists: tuple[PriceListEdition, ...] = ()
    """Editions of the price list that were put in place, for all tenants."""
    damaged: bool = False
    """True if the stored rules cannot be read: costs are booked, holds are refused."""
    hides_system: bool = False
    """True if the tenant does not see the amounts of the system's budgets."""
    doubtful: bool = False
    """True if it is of an earlier month and cannot be read now: costs are booked, no holds."""
    models: ModelNames = field(default=as_said, compare=False, repr=False)
    """What the price list calls models and providers; asked only for budgets of those scopes."""
    names_runs: bool = field(init=False, default=False)
    """True if a budget is for runs with a name."""
    names_agents: bool = field(init=False, default=False)
    """True if a budget is for agents by name: then an execution keeps its first one."""
    names_workflows: bool = field(init=False, default=False)
    """The same of workflows."""
    names_models: bool = field(init=False, default=False)
    """True if a budget is for models or providers: then the price list is asked for theirs."""
    fresh_until: datetime | None = None
    """When a grant expires next, after which the policy is read again; None: none does."""
    owner_principals: tuple[str, ...] = ()
    blocks_new: bool = field(init=False, default=False)
    """True if a budget has the action `block_new`."""

    def __post_init__(self) -> None:
        named = any(one.period == RUN and one.scope_id for one in self.custom)
        object.__setattr__(self, "names_runs", named)
        scopes = {one.scope for one in self.custom if one.scope_id}
        object.__setattr__(self, "names_agents", bool(scopes & {AGENT, EXECUTION}))
        object.__setattr__(self, "names_workflows", WORKFLOW in scopes)
        object.__setattr__(self, "names_models", bool(scopes & LISTED_SCOPES))
        blocks_new = any(one.action == BLOCK_NEW for one in self.budgets)
        object.__setattr__(self, "blocks_new", blocks_new)

    @property
    def entry_ceiling(self) -> Decimal | None:
        """Ceiling of one cost or hold of this tenant, in USD; None: no ceiling."""
        known = (self.max_per_entry, self.own_max_per_entry)
        return min((one for one in known if one is not None), default=None)

    def is_above_ceiling(self, amount: Decimal) -> bool:
        """True if one cost or hold of this amount is above the ceiling."""
        ceiling = self.entry_ceiling
        return ceiling is not None and amount > ceiling

    def meant(self, model: str, provider: str | None) -> tuple[str, str | None]:
        """The model and provider whose price a name has: itself, unless it is an alias."""
        return meant(self.aliases, model, provider)

    @property
    def matcher(self) -> Matcher:
        """Finds the custom budgets that a request meets."""
        return Matcher(self.custom, with_aliases(self.models, self.meant))

    @property
    def keeps_balances(self) -> bool:
        """True if a limit depends on what was spent before."""
        return any(one.keeps_balance for one in (self.tenant_month, *self.custom))

    def with_budgets(self, changed: Mapping[str, Budget]) -> "Policy":
        """The same policy with these budgets, by their ids."""
        month = self.tenant_month
        return replace(
            self,
            tenant_month=changed.get(month.budget_id, month),
            custom=tuple(changed.get(one.budget_id, one) for one in self.custom),
        )

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """All budgets, the built-in ones first."""
        defaults = (self.execution, self.workflow, self.tenant_month, self.system_month)
        return (*defaults, *self.custom)

    def gates(
        self,
        tenant_id: str,
        labels: Labels,
        booking: Booking,
        at: datetime | None = None,
        run_names: Names | None = None,
    ) -> tuple[Gate, ...]:
        """The gates of a request, the narrowest first, with their limits as raised at `at`."""
        if booking.backfill:
            return ()
        runs, known = list[AccountKey](), dict[AccountKey, str | None](run_names or {})
        if labels.agent_execution_id:
            runs.append(execution_key(tenant_id, labels.agent_execution_id))
            known[runs[0]] = labels.run_agent or labels.agent or known.get(runs[0])
        runs += [execution_key(tenant_id, one) for one in labels.ancestors]
        if labels.workflow_execution_id:
            runs.append(workflow_key(tenant_id, labels.workflow_execution_id))
            known[runs[-1]] = labels.run_workflow or labels.workflow or known.get(runs[-1])
        gates = [gate for run in runs for gate in self.run_gates(run, known.get(run), at)]
        tail = self.tenant_gates(tenant_id, booking.month, at, booking.moment)
        tail += self.system_gates(booking.month, at)
        if self.custom:
            windows = self.windows(tenant_id, labels, booking, at)
            tail = sorted((*windows, *tail), key=lambda gate: gate.rank)
        return (*gates, *tail)

    def windows(
        self, tenant_id: str, labels: Labels | None, booking: Booking, at: datetime | None
    ) -> Iterable[Gate]:
        """Yield the gates of the custom budgets with a period other than `run`.

        `labels` None: of all such budgets. A late booking has no gates of minutes, hours, days or
        weeks: it was not spent in the current ones.
        """
        moment = booking.moment or at
        for budget, name in self.matcher.meets(labels):
            if moment is None or (booking.late and budget.period in SHORT):
                continue
            of_system = budget.source == "system" and budget.scope == SYSTEM_SCOPE
            calendar = UTC_CALENDAR if of_system else self.calendar
            if budget.period in _OF_MONTHS:
                period = period_of_month(budget.period, booking.month)
            else:
                period = calendar.name(budget.period, moment)
            account = budget_account(budget, SYSTEM if of_system else tenant_id, period, name)
            private = of_system and self.hides_system
            gate = Gate(
                budget.at(at, period), account, calendar, moment, each=name, private=private
            )
            yield from in_units(gate)

    def run_gates(
        self, run: AccountKey, name: str | None = None, at: datetime | None = None
    ) -> list[Gate]:
        """Return the gates of one execution or workflow of that name.

        An enforced budget for the name takes the default's place, and that of a `*` budget; every
        other one is added.
        """
        default = self.execution if run.scope == EXECUTION else self.workflow
        if not self.custom:
            return in_units(Gate(default.at(at, RUN), run))
        found = self.matcher.of_run(RUN_SCOPES[run.scope], name)
        taken = {unit for one in found if one.takes_the_defaults_place for unit in one.units_taken}
        gates = [gate for one in found for gate in in_units(Gate(one.at(at, RUN), run))]
        gates += [
            gate for gate in in_units(Gate(default.at(at, RUN), run)) if gate.unit not in taken
        ]
        return sorted(gates, key=lambda gate: gate.budget.budget_id)

    def limits(
        self,
        gates: Iterable[Gate],
        passing_gates: Collection[GateId] = (),
        limit_of: Callable[[Gate], Decimal | None] = lambda gate: gate.budget.open_limit,
    ) -> dict[AccountKey, Decimal | None]:
        """Return the lowest limit of each account, in USD, of enforced and shadow budgets.

        `passing_gates`: gates that let this one request pass. `limit_of`: what a gate allows;
        unless given, what it allows any request.
        """
        limits: dict[AccountKey, Decimal | None] = {}
        for gate in gates:
            own = limit_of(gate) if gate.budget.judges else None
            own = None if gate.id in passing_gates else own
            known = [one for one in (own, limits.get(gate.account)) if one is not None]
            limits[gate.account] = min(known, default=None)
        return limits

    def tenant_gates(
        self,
        tenant_id: str,
        month: str,
        at: datetime | None = None,
        moment: datetime | None = None,
    ) -> list[Gate]:
        """The gates of a tenant's month in all units."""
        return in_units(self.tenant_gate(tenant_id, month, at, moment))

    def system_gates(self, month: str, at: datetime | None = None) -> list[Gate]:
        """The gates of the whole system's month in all units."""
        return in_units(self.system_gate(month, at))

    def tenant_gate(
        self,
        tenant_id: str,
        month: str,
        at: datetime | None = None,
        moment: datetime | None = None,
    ) -> Gate:
        """The gate of a tenant's month in USD."""
        budget = self.tenant_month.at(at, month)
        return Gate(budget, tenant_key(tenant_id, month), self.calendar, moment)

    def system_gate(self, month: str, at: datetime | None = None) -> Gate:
        """The gate of the whole system's month in USD, with the month in UTC."""
        budget = self.system_month.at(at, month)
        return Gate(budget, system_key(month), private=self.hides_system)


def budget_account(budget: Budget, owner: str, period: str, name: str | None = None) -> AccountKey:
    """Return the account that a budget watches: its own, or the one that counts everything.

    `name`: whose account it is, unless the budget says it: a run's id, or a name of a `*` budget.
    What counts tokens or calls is always the budget's own.
    """
    in_usd = budget.unit == USD
    if in_usd and budget.period == MONTH and budget.scope == TENANT:
        return tenant_key(owner, period)
    if in_usd and budget.period == MONTH and budget.scope == SYSTEM_SCOPE:
        return system_key(period)
    return own_account(budget, owner, period, name)
