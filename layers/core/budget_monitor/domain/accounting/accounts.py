"""Accounts: exact counters of one scope in one period, and which of them a cost touches."""

from dataclasses import dataclass, field, fields
from decimal import Decimal

from budget_monitor.domain.accounting.labels import Labels, key, parts
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.periods import RUN, Booking
from budget_monitor.domain.units import CALLS, COUNTED, USD

SYSTEM = "*"
"""Stands where a tenant's id stands; no tenant's id can be this."""

EXECUTION, WORKFLOW, TENANT, SYSTEM_SCOPE = "execution", "workflow", "tenant", "system"
AGENT, MODEL, USER, TAG = "agent", "model", "user", "tag"
BUDGET = "budget"
"""The scope of the accounts that only one custom budget watches."""
ENTRY = "entry"
"""The scope whose accounts carry the adjustments of one ledger entry."""
OCCURRED = "occurred"
"""The scope whose accounts carry what happened on a day and is booked on quite another."""
LATE = "late"
"""The scope whose accounts carry what is booked in a month and happened in one closed before."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """The name of an account: a tenant's scope, its id, and the period."""

    tenant_id: str
    scope: str
    scope_id: str
    period: str
    stripe: int = 0
    """Which of its rows; 0 stands for the account itself."""
    unit: str = USD
    """What it counts. Only the accounts of budgets count anything but USD."""

    def __str__(self) -> str:
        unit = [self.unit] if self.unit != USD else []
        stripe = [str(self.stripe)] if self.stripe else []
        return key(self.tenant_id, self.scope, self.scope_id, self.period, *unit, *stripe)

    @classmethod
    def parse(cls, text: str) -> "AccountKey":
        """The key that `str` wrote."""
        tenant_id, scope, scope_id, period, *rest = parts(text)
        unit = rest.pop(0) if rest and rest[0] in COUNTED else USD
        stripe = int(*rest) if rest else 0
        return cls(tenant_id, scope, scope_id, period, stripe, unit)

    @property
    def listing(self) -> str | None:
        """The list that this account is found in, or None when it is found by its key alone."""
        if self.stripe:
            return None
        if self.scope in {AGENT, MODEL}:
            return listing(self.tenant_id, self.scope, self.period)
        if self.scope == TENANT and len(self.period) == len("2026-11"):
            return listing(SYSTEM, TENANT, self.period)
        if self.scope in {TENANT, OCCURRED}:
            return listing(self.tenant_id, "days", "all")
        return None


def listing(tenant_id: str, what: str, period: str) -> str:
    """The name of a list of accounts."""
    return key(tenant_id, what, period)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an account's counters, or all that they hold. Amounts in the account's unit."""

    spent: Decimal = ZERO
    held: Decimal = ZERO
    workflow_spent: Decimal = ZERO
    """The part of `spent` that is workflows' own cost and no agent's."""
    holds: int = 0
    """Open reservations."""
    entries: int = 0
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def committed(self) -> Decimal:
        """What cannot be promised to anybody else: spent + held."""
        return self.spent + self.held

    def counted(self, unit: str) -> Decimal:
        """What an account in USD counts of another unit: each entry is one call."""
        if unit == USD:
            return self.spent
        return Decimal(self.entries if unit == CALLS else getattr(self, unit))

    def __sub__(self, other: "Move") -> "Move":
        names = (f.name for f in fields(self))
        return Move(**{name: getattr(self, name) - getattr(other, name) for name in names})

    def __add__(self, other: "Move") -> "Move":
        names = (f.name for f in fields(self))
        return Move(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class WorkflowTerms:
    """What people decided about one workflow run, kept on its account's row."""

    pause: int = 0
    """The number of the pause that it is in; 0 while it runs."""
    limit: Decimal | None = None
    """The run's own limit in USD, in place of its budgets'; None: theirs."""

    def __str__(self) -> str:
        return f"{self.pause}/{'' if self.limit is None else render(self.limit)}"

    @classmethod
    def parse(cls, text: str) -> "WorkflowTerms":
        """The terms that `str` wrote."""
        pause, limit = text.split("/")
        return cls(int(pause), Decimal(limit) if limit else None)


DEFAULT_TERMS = WorkflowTerms()


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands: its counters, and what its row keeps beside them."""

    key: AccountKey
    totals: Move = field(default_factory=Move)
    lineage: str | None = None
    """On an execution's: the workflow and the ancestors of its first use."""
    level: str | None = None
    """What its stripes agree on; None where it has only this one row."""
    committed: Decimal = ZERO
    """As it is stored: on a stripe it is no sum of the stripe's own counters."""
    seen: bool = False
    """False where nothing was ever held, booked or decided on it."""
    began: bool = False
    """Whether anything was ever held or booked on it: a run that people only paused did not."""
    began_over: frozenset[AccountKey] = frozenset()
    """On a run's: the accounts whose limit for new runs was reached when it began."""
    name: str | None = None
    """On a run's: what it was called first, an execution by its agent."""
    terms: WorkflowTerms = DEFAULT_TERMS
    """On a workflow's: whether it is paused, and a limit of its own."""
    policy_version: int = 0
    """On a month's: the latest policy that anybody decided by here."""


def execution_key(tenant_id: str, execution_id: str) -> AccountKey:
    """The account of one agent execution, its children included."""
    return AccountKey(tenant_id, EXECUTION, execution_id, RUN)


def workflow_key(tenant_id: str, workflow_id: str) -> AccountKey:
    """The account of one workflow execution: its own cost and its agents'."""
    return AccountKey(tenant_id, WORKFLOW, workflow_id, RUN)


def tenant_key(tenant_id: str, period: str) -> AccountKey:
    """A tenant's account of a month or a day."""
    return AccountKey(tenant_id, TENANT, tenant_id, period)


def late_key(tenant_id: str, month: str) -> AccountKey:
    """The account of what happened in a closed month and a tenant booked in this one."""
    return AccountKey(tenant_id, LATE, tenant_id, month)


def net_key(tenant_id: str, entry_id: str) -> AccountKey:
    """The account of all adjustments to one entry: it guards what is left of the cost."""
    return AccountKey(tenant_id, ENTRY, entry_id, RUN)


def occurred_key(tenant_id: str, day: str) -> AccountKey:
    """The account of what happened on a UTC day and is booked elsewhere; the ledger finds it."""
    return AccountKey(tenant_id, OCCURRED, tenant_id, day)


def system_key(month: str) -> AccountKey:
    """The whole system's account of a month."""
    return AccountKey(SYSTEM, SYSTEM_SCOPE, "system", month)


def touched(tenant_id: str, labels: Labels, booking: Booking) -> tuple[AccountKey, ...]:
    """Every account that a cost with these labels moves, each once."""
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
