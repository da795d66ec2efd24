"""Policy: the budgets that apply to a request, and the account that each of them watches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounts import (
    EXECUTION,
    SYSTEM_SCOPE,
    TENANT,
    WORKFLOW,
    AccountKey,
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.labels import Labels
from budget_monitor.domain.periods import RUN, Booking, month_end

BLOCK, PAUSE, ALLOW = "block", "pause", "allow"
ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a scope may commit in a period (USD; None: no limit), and what follows."""

    budget_id: str
    scope: str
    limit: Decimal | None
    action: str = BLOCK
    enforcement: str = ENFORCE


@dataclass(frozen=True, slots=True)
class Gate:
    """A budget over one account: what a request must pass."""

    budget: Budget
    account: AccountKey
    time_zone: str = "UTC"

    @property
    def resets_at(self) -> datetime | None:
        """When the account's period ends and the next one begins with nothing spent."""
        if self.account.period == RUN:
            return None
        return month_end(self.account.period, self.time_zone)


@dataclass(frozen=True, slots=True)
class Policy:
    """All budgets and settings that apply to a tenant."""

    execution: Budget
    workflow: Budget
    tenant_month: Budget
    system_month: Budget
    time_zone: str = "UTC"
    most_holds: int = 1000
    """How many reservations a tenant may have open at once, counted by its month."""

    def gates(self, tenant_id: str, labels: Labels, booking: Booking) -> tuple[Gate, ...]:
        """The gates of a request, the narrowest first."""
        own = [labels.agent_execution_id] if labels.agent_execution_id else []
        runs = [
            Gate(self.execution, execution_key(tenant_id, execution_id))
            for execution_id in (*own, *labels.ancestors)
        ]
        if labels.workflow_execution_id:
            workflow = workflow_key(tenant_id, labels.workflow_execution_id)
            runs.append(Gate(self.workflow, workflow))
        return (
            *runs,
            self.tenant_gate(tenant_id, booking.month),
            self.system_gate(booking.month),
        )

    def limits(
        self, tenant_id: str, labels: Labels, booking: Booking
    ) -> Mapping[AccountKey, Decimal | None]:
        """The most that each gated account may have committed, by the budgets that are enforced."""
        limits: dict[AccountKey, Decimal | None] = {}
        for gate in self.gates(tenant_id, labels, booking):
            own = gate.budget.limit if gate.budget.enforcement == ENFORCE else None
            known = [one for one in (own, limits.get(gate.account)) if one is not None]
            limits[gate.account] = min(known, default=None)
        return limits

    def run_gate(self, key: AccountKey) -> Gate:
        """The gate of one execution or workflow run."""
        return Gate(self.execution if key.scope == EXECUTION else self.workflow, key)

    def tenant_gate(self, tenant_id: str, month: str) -> Gate:
        """The gate of a tenant's month."""
        return Gate(self.tenant_month, tenant_key(tenant_id, month), self.time_zone)

    def system_gate(self, month: str) -> Gate:
        """The gate of the whole system's month."""
        return Gate(self.system_month, system_key(month))


def default_policy(
    execution: Decimal | None,
    workflow: Decimal | None,
    tenant_month: Decimal | None,
    system_month: Decimal | None,
) -> Policy:
    """The four default gates with their limits in USD."""
    return Policy(
        execution=Budget("execution", EXECUTION, execution),
        workflow=Budget("workflow", WORKFLOW, workflow, action=PAUSE),
        tenant_month=Budget("tenant-month", TENANT, tenant_month),
        system_month=Budget("system-month", SYSTEM_SCOPE, system_month),
    )
