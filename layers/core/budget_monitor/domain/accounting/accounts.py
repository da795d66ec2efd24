"""Accounts: exact counters of one scope in one period, and the accounts that a cost moves."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from operator import add, attrgetter, sub
from typing import NamedTuple
from zlib import crc32

from budget_monitor.domain.accounting.labels import Labels, key, parts
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.names import EACH
from budget_monitor.domain.periods import RUN, Booking
from budget_monitor.domain.units import CALLS, COUNTED, USD
from budget_monitor.domain.values import dataclass

SYSTEM = "*"
"""The tenant id of the system's accounts and documents. No tenant can have it."""

EXECUTION, WORKFLOW, TENANT, SYSTEM_SCOPE = "execution", "workflow", "tenant", "system"
AGENT, MODEL, USER, TAG = "agent", "model", "user", "tag"
PROVIDER = "provider"
WORKFLOW_NAME = "workflow_name"
"""Scope of accounts that sum a month's costs by workflow name, not by workflow execution."""
LABELLED = "labelled"
"""Scope of accounts that sum a month's costs that have exactly these labels: `tag user`."""
BROKEN_DOWN = frozenset({AGENT, MODEL, PROVIDER, USER, TAG, WORKFLOW_NAME, LABELLED, TENANT})
"""Scopes of the lines of breakdowns; of a tenant, its days."""
RANKED_NAMES = frozenset({WORKFLOW_NAME, USER, TAG})
RANKED = RANKED_NAMES | {EXECUTION, WORKFLOW}
"""Scopes whose accounts are listed by spend: they may have any number of names."""
TENANT_LISTS = 16
"""Lists over which a month's tenants are spread: one list would be one hot partition."""
BUDGET = "budget"
"""Scope of accounts that belong to one custom budget."""
ENTRY = "entry"
"""Scope of accounts that sum one ledger entry and its adjustments."""
OCCURRED = "occurred"
"""Scope of accounts that sum costs of a UTC day that are booked on another day."""
LATE = "late"
"""Scope of accounts that sum a month's late bookings: costs of months that were closed."""


class AccountKey(NamedTuple):
    """Key of an account: tenant, scope, id within the scope, period.

    A request looks its keys up 150 times; a tuple is hashed and compared without any Python code.
    """

    tenant_id: str
    scope: str
    scope_id: str
    period: str
    stripe: int = 0
    """Which of its rows; 0 stands for the account itself."""
    unit: str = USD
    """The unit that it counts. Only accounts of budgets count other units than USD."""

    @lru_cache(maxsize=1024)  # noqa: B019 - keys are values, and this many are small
    def __str__(self) -> str:
        unit = [self.unit] if self.unit != USD else []
        stripe = [str(self.stripe)] if self.stripe else []
        return key(self.tenant_id, self.scope, self.scope_id, self.period, *unit, *stripe)

    @classmethod
    @lru_cache(maxsize=512)
    def parse(cls, text: str) -> "AccountKey":
        """The key that `str` wrote."""
        tenant_id, scope, scope_id, period, *rest = parts(text)
        unit = rest.pop(0) if rest and rest[0] in COUNTED else USD
        return cls(tenant_id, scope, scope_id, period, int(*rest) if rest else 0, unit)

    @property
    def listing(self) -> str | None:
        """Name of the list that contains this account; None if it is only read by its key."""
        if self.stripe:
            return None
        if self.scope in {AGENT, MODEL, PROVIDER}:
            return listing(self.tenant_id, self.scope, self.period)
        if self.scope == TENANT and len(self.period) == len("2026-11"):
            return listing(SYSTEM, TENANT, self.period)
        if self.scope in {TENANT, OCCURRED}:
            return listing(self.tenant_id, "days", "all")
        if self.scope == BUDGET:
            return self._listing_of_names
        return None

    @property
    def ranking(self) -> str | None:
        """Name of the list by spend that contains this account; None if there is none."""
        if self.stripe or self.unit != USD:
            return None
        if self.scope == TENANT and len(self.period) == len("2026-11"):
            return tenants_ranking(self.period, tenants_list(self.tenant_id))
        return listing(self.tenant_id, self.scope, self.period) if self.scope in RANKED else None

    @property
    def system_list(self) -> str | None:
        """Name of the list of all tenants' accounts that contains this one, or None."""
        if self.stripe or self.scope not in BROKEN_DOWN or len(self.period) < len("2026-11"):
            return None
        if self.scope == TENANT and len(self.period) != len("2026-11-22"):
            return None
        return listing(SYSTEM, self.scope, self.period[: len("2026-11")])

    @property
    def is_run(self) -> bool:
        """True for the account in USD of an agent execution or a workflow execution."""
        return self.unit == USD and self.scope in {EXECUTION, WORKFLOW}

    @property
    def each_name(self) -> str | None:
        """The name that it counts for a `*` budget; None for any other account."""
        if self.scope != BUDGET or f"#{EACH}#" not in self.scope_id:
            return None
        _, _, scope_id, *more = parts(self.scope_id)
        return more[-1] if scope_id == EACH and len(more) > 1 else None

    @property
    def _listing_of_names(self) -> str | None:
        if self.each_name is None:
            return None
        rule = self.scope_id.rpartition("#")[0]
        return listing(
            self.tenant_id, rule if self.unit == USD else f"{rule}#{self.unit}", self.period
        )


def listing(tenant_id: str, what: str, period: str) -> str:
    """Return the name of a list of accounts."""
    return key(tenant_id, what, period)


def tenants_ranking(month: str, number: int) -> str:
    """Return the name of one of the lists that have a month's tenants by spend."""
    return key(SYSTEM, TENANT, month, str(number))


def tenants_list(tenant_id: str) -> int:
    """Return the number of the list that has this tenant."""
    return crc32(tenant_id.encode()) % TENANT_LISTS


def paused_list(tenant_id: str) -> str:
    """Return the name of the list of a tenant's paused workflow executions."""
    return listing(tenant_id, "paused", "all")


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an account's counters, or all that they hold. Amounts in the account's unit."""

    spent: Decimal = ZERO
    held: Decimal = ZERO
    workflow_spent: Decimal = ZERO
    """Part of `spent` that is workflows' own cost, not an agent's."""
    holds: int = 0
    """Open reservations."""
    entries: int = 0
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def committed(self) -> Decimal:
        """Spent + held, in USD."""
        return self.spent + self.held

    def counted(self, unit: str) -> Decimal:
        """What an account in USD counts of another unit: each entry is one call."""
        if unit == USD:
            return self.spent
        return Decimal(self.entries if unit == CALLS else getattr(self, unit))

    def __sub__(self, other: "Move") -> "Move":
        return Move(*map(sub, counters(self), counters(other)))

    def __add__(self, other: "Move") -> "Move":
        return self if other is NO_MOVE else Move(*map(add, counters(self), counters(other)))


NO_MOVE = Move()
counters = attrgetter(*(one.name for one in fields(Move)))


@dataclass(frozen=True, slots=True)
class WorkflowTerms:
    """Pause and limit of one workflow, or the limit of one execution, on its account's row."""

    pause: int = 0
    """Number of the current pause; 0 while it is active."""
    limit: Decimal | None = None
    """The run's own limit in USD; None: the limits of its budgets apply."""

    def __str__(self) -> str:
        return f"{self.pause}/{'' if self.limit is None else render(self.limit)}"

    @classmethod
    def parse(cls, text: str) -> "WorkflowTerms":
        """Return the terms that `str` wrote."""
        pause, limit = text.split("/")
        return cls(int(pause), Decimal(limit) if limit else None)


DEFAULT_TERMS = WorkflowTerms()


@dataclass(frozen=True, slots=True)
class Account:
    """The stored state of an account: its counters and the other attributes of its row."""

    key: AccountKey
    totals: Move = NO_MOVE
    lineage: str | None = None
    """Executions only: the workflow and the ancestors of its first use."""
    level: str | None = None
    """The level of its stripes; None if it has a single row."""
    committed: Decimal = ZERO
    """The stored value. On a single stripe it differs from the stripe's spent + held."""
    seen: bool = False
    """False if nothing was ever held, booked or changed on it."""
    began: bool = False
    """True if anything was ever held or booked on it. A pause alone does not count."""
    began_over: frozenset[AccountKey] = frozenset()
    """Runs only: `block_new` accounts that had reached their limit when the run began."""
    name: str | None = None
    """Runs only: the first name of the workflow, or of the execution's agent."""
    began_at: str | None = None
    """Runs only: when it was first seen, as text; None for one that began before this was kept."""
    terms: WorkflowTerms = DEFAULT_TERMS
    """Runs only: the current pause of a workflow, and the run's own limit."""
    policy_version: int = 0
    """Months only: the latest policy version that was used or announced on it."""


def own_limits(accounts: Mapping[AccountKey, Account]) -> dict[AccountKey, WorkflowTerms]:
    """Return the terms of the executions that have a limit of their own."""
    runs = {run: one.terms for run, one in accounts.items() if run.scope == EXECUTION}
    return {run: terms for run, terms in runs.items() if terms.limit is not None}


def execution_key(tenant_id: str, execution_id: str) -> AccountKey:
    """Key of one agent execution's account, which includes its children."""
    return AccountKey(tenant_id, EXECUTION, execution_id, RUN)


def workflow_key(tenant_id: str, workflow_id: str) -> AccountKey:
    """Key of one workflow execution's account: its own cost and its agents' costs."""
    return AccountKey(tenant_id, WORKFLOW, workflow_id, RUN)


def tenant_key(tenant_id: str, period: str) -> AccountKey:
    """Key of a tenant's account of a month or a day."""
    return AccountKey(tenant_id, TENANT, tenant_id, period)


def late_key(tenant_id: str, month: str) -> AccountKey:
    """Key of the account that sums a tenant's late bookings in this month."""
    return AccountKey(tenant_id, LATE, tenant_id, month)


def net_key(tenant_id: str, entry_id: str) -> AccountKey:
    """The account of all adjustments to one entry, so that its net never falls below zero."""
    return AccountKey(tenant_id, ENTRY, entry_id, RUN)


def occurred_key(tenant_id: str, day: str) -> AccountKey:
    """Key of the account that sums costs of this UTC day that are booked on another day.

    The ledger uses it to find all days that have entries.
    """
    return AccountKey(tenant_id, OCCURRED, tenant_id, day)


@lru_cache(maxsize=64)
def system_key(month: str) -> AccountKey:
    """Key of the system's account of a month."""
    return AccountKey(SYSTEM, SYSTEM_SCOPE, "system", month)


def touched(tenant_id: str, labels: Labels, booking: Booking) -> tuple[AccountKey, ...]:
    """Return every account that a cost with these labels moves, each once."""
    executions = [labels.agent_execution_id] if labels.agent_execution_id else []
    runs = [execution_key(tenant_id, one) for one in (*executions, *labels.ancestors)]
    if labels.workflow_execution_id:
        runs.append(workflow_key(tenant_id, labels.workflow_execution_id))
    happened_on = booking.happened_on
    late = [late_key(tenant_id, booking.month)] if booking.late else []
    elsewhere = [occurred_key(tenant_id, happened_on)] if happened_on else []
    return (
        *runs,
        AccountKey(tenant_id, AGENT, labels.agent or "", booking.month),
        AccountKey(tenant_id, MODEL, labels.model or "", booking.month),
        tenant_key(tenant_id, booking.day),
        tenant_key(tenant_id, booking.month),
        system_key(booking.month),
        *late,
        *elsewhere,
    )
