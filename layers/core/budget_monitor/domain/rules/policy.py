"""Policy: the budgets that apply to a request, and the account that each of them watches."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    BUDGET,
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
from budget_monitor.domain.accounting.labels import Labels, key
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.periods import MONTH, RUN, SHORT, Booking
from budget_monitor.domain.prices import Price, Rates
from budget_monitor.domain.rules.budgets import BLOCK_NEW, ENFORCE, PAUSE, Budget
from budget_monitor.domain.rules.gates import UTC_CALENDAR, Gate, GateName
from budget_monitor.domain.rules.suspensions import Suspension

Names = Mapping[AccountKey, str]
"""What runs are called, where the request itself does not say: executions by their agent."""


@dataclass(frozen=True, slots=True)
class Policy:
    """All budgets and settings that apply to a tenant."""

    execution: Budget
    workflow: Budget
    tenant_month: Budget
    system_month: Budget
    custom: tuple[Budget, ...] = ()
    """All other budgets, the tenant's and the system's."""
    calendar: Calendar = UTC_CALENDAR
    most_holds: int = 1000
    """How many reservations a tenant may have open at once, counted by its month."""
    most_per_entry: Decimal | None = None
    """The most that one cost or hold of any tenant may be, in USD; None: no ceiling."""
    own_most_per_entry: Decimal | None = None
    """The tenant's own ceiling, which can only lower that of all tenants."""
    version: int = 0
    """How often the tenant's part was changed."""
    system_version: int = 0
    """How often the system's part was changed."""
    suspended: Suspension | None = None
    """Why the tenant may not spend, or None."""
    owner: str | None = None
    fallback: Rates | None = None
    prices: tuple[Price, ...] = ()
    """Those that were set for the tenant."""
    system_prices: tuple[Price, ...] = ()
    """Those that were set for all tenants."""
    damaged: bool = False
    """Whether what people decided cannot be read: costs are booked, nothing is granted."""
    hides_system: bool = False
    """Whether the tenant does not see the amounts of the system's budgets."""
    doubtful: bool = False
    """Whether it was read in an earlier month and cannot be read now: nothing in this month says
    whether people decided since then. Costs are booked, nothing is granted."""
    names_runs: bool = field(init=False, default=False)
    """Whether a budget is for runs of one name."""
    fresh_until: datetime | None = None
    """When a grant expires next, after which the policy is read anew; None: none does."""
    blocks_new: bool = field(init=False, default=False)
    """Whether a budget lets running runs finish."""

    def __post_init__(self) -> None:
        named = any(one.period == RUN and one.scope_id for one in self.custom)
        object.__setattr__(self, "names_runs", named)
        blocks_new = any(one.action == BLOCK_NEW for one in self.budgets)
        object.__setattr__(self, "blocks_new", blocks_new)

    @property
    def entry_ceiling(self) -> Decimal | None:
        """The most that one cost or hold of the tenant may be, in USD; None: no ceiling."""
        known = (self.most_per_entry, self.own_most_per_entry)
        return min((one for one in known if one is not None), default=None)

    def is_above_ceiling(self, amount: Decimal) -> bool:
        """Whether one cost or hold of this amount is more than one may be."""
        ceiling = self.entry_ceiling
        return ceiling is not None and amount > ceiling

    @property
    def keeps_balances(self) -> bool:
        """Whether a limit depends on what was spent before."""
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
        """Every budget, the defaults first."""
        defaults = (self.execution, self.workflow, self.tenant_month, self.system_month)
        return (*defaults, *self.custom)

    def gates(
        self,
        tenant_id: str,
        labels: Labels,
        booking: Booking,
        at: datetime | None = None,
        names: Names | None = None,
    ) -> tuple[Gate, ...]:
        """The gates of a request, the narrowest first, with their limits as raised at `at`."""
        runs, known = list[AccountKey](), dict(names or {})
        if labels.agent_execution_id:
            runs.append(execution_key(tenant_id, labels.agent_execution_id))
            known |= {runs[0]: labels.agent} if labels.agent else {}
        runs += [execution_key(tenant_id, one) for one in labels.ancestors]
        if labels.workflow_execution_id:
            runs.append(workflow_key(tenant_id, labels.workflow_execution_id))
            known |= {runs[-1]: labels.workflow} if labels.workflow else {}
        gates = [gate for run in runs for gate in self.run_gates(run, known.get(run), at)]
        tail = [self.tenant_gate(tenant_id, booking.month, at, booking.moment)]
        tail.append(self.system_gate(booking.month, at))
        if self.custom:
            windows = self.windows(tenant_id, labels, booking, at)
            tail = sorted((*windows, *tail), key=lambda gate: gate.rank)
        return (*gates, *tail)

    def windows(
        self, tenant_id: str, labels: Labels | None, booking: Booking, at: datetime | None
    ) -> Iterable[Gate]:
        """The gates of the custom budgets that are not for single runs; None: of any labels.

        What comes late for a closed month was not spent in this hour, day or week.
        """
        moment = booking.moment or at
        for budget in self.custom:
            named = labels is None or budget.names(labels)
            if budget.period == RUN or not named or moment is None:
                continue
            if booking.late and budget.period in SHORT:
                continue
            of_system = budget.source == "system" and budget.scope == SYSTEM_SCOPE
            calendar = UTC_CALENDAR if of_system else self.calendar
            period = calendar.name(budget.period, moment)
            if budget.period == MONTH:
                period = booking.month
            account = budget_account(budget, SYSTEM if of_system else tenant_id, period)
            private = of_system and self.hides_system
            yield Gate(budget.at(at, period), account, calendar, moment, private=private)

    def run_gates(
        self, run: AccountKey, name: str | None = None, at: datetime | None = None
    ) -> list[Gate]:
        """The gates of one execution or workflow run of that name.

        An enforced budget for the name takes the default's place; every other one is added.
        """
        default = self.execution if run.scope == EXECUTION else self.workflow
        if not self.custom:
            return [Gate(default.at(at, RUN), run)]
        scopes = {EXECUTION, AGENT} if run.scope == EXECUTION else {WORKFLOW}
        found = [
            one
            for one in self.custom
            if one.period == RUN and one.scope in scopes and one.scope_id in {None, name}
        ]
        if not any(one.takes_the_defaults_place for one in found):
            found.append(default)
        return [Gate(one.at(at, RUN), run) for one in sorted(found, key=lambda b: b.budget_id)]

    def watching(self, account: AccountKey, name: str | None, at: datetime) -> list[Gate]:
        """The gates over an account, a run's of that name; their limits are as raised at `at`."""
        if account.scope in {EXECUTION, WORKFLOW}:
            return self.run_gates(account, name, at)
        month = account.period
        if account.scope == TENANT:
            default = self.tenant_gate(account.tenant_id, month, at)
        elif account.scope == SYSTEM_SCOPE:
            default = self.system_gate(month, at)
        else:
            default = None

        def is_now(budget: Budget) -> bool:
            return self.calendar.name(budget.period, at) == month

        own = [
            Gate(one.at(at, month), account, self.calendar, at if is_now(one) else None)
            for one in self.custom
            if one.period != RUN and budget_account(one, account.tenant_id, month) == account
        ]
        return [default, *own] if default else own

    def limits(
        self, gates: Iterable[Gate], passing_gates: Collection[GateName] = ()
    ) -> dict[AccountKey, Decimal | None]:
        """The most that each gated account may have committed, by the budgets that judge.

        `passing_gates`: gates that let this one request pass.
        """
        limits: dict[AccountKey, Decimal | None] = {}
        for gate in gates:
            own = gate.budget.limit if gate.budget.judges else None
            own = None if gate.name in passing_gates else own
            known = [one for one in (own, limits.get(gate.account)) if one is not None]
            limits[gate.account] = min(known, default=None)
        return limits

    def tenant_gate(
        self,
        tenant_id: str,
        month: str,
        at: datetime | None = None,
        moment: datetime | None = None,
    ) -> Gate:
        """The gate of a tenant's month."""
        budget = self.tenant_month.at(at, month)
        return Gate(budget, tenant_key(tenant_id, month), self.calendar, moment)

    def system_gate(self, month: str, at: datetime | None = None) -> Gate:
        """The gate of the whole system's month, which is told as if all were in UTC."""
        budget = self.system_month.at(at, month)
        return Gate(budget, system_key(month), private=self.hides_system)


def budget_account(budget: Budget, owner: str, period: str) -> AccountKey:
    """The account that a custom budget watches: its own, but where there is one that counts all."""
    if budget.period == MONTH and budget.scope == TENANT:
        return tenant_key(owner, period)
    if budget.period == MONTH and budget.scope == SYSTEM_SCOPE:
        return system_key(period)
    life = [budget.life] if budget.life else []
    named = key(budget.budget_id, budget.scope, budget.scope_id or "", *life)
    return AccountKey(owner, BUDGET, named, period)


def default_policy(
    execution: Decimal | None,
    workflow: Decimal | None,
    tenant_month: Decimal | None,
    system_month: Decimal | None,
    enforcement: str = ENFORCE,
) -> Policy:
    """The four default gates with their limits in USD, enforced or as shadows."""
    run = partial(Budget, enforcement=enforcement, period=RUN, thresholds=())
    month = partial(Budget, enforcement=enforcement)
    return Policy(
        execution=run("execution", EXECUTION, execution),
        workflow=run("workflow", WORKFLOW, workflow, PAUSE),
        tenant_month=month("tenant-month", TENANT, tenant_month),
        system_month=month("system-month", SYSTEM_SCOPE, system_month),
    )
