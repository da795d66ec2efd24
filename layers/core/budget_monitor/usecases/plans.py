"""Where a request belongs: its labels completed, its period, its gates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounts import (
    EXECUTION,
    Account,
    AccountKey,
    execution_key,
    tenant_key,
)
from budget_monitor.domain.decisions import Standing, stand
from budget_monitor.domain.errors import ConflictError, UnavailableError, ValidationError
from budget_monitor.domain.labels import MAX_ANCESTORS, Labels
from budget_monitor.domain.periods import AHEAD, Booking, book
from budget_monitor.domain.policy import Gate, Policy
from budget_monitor.ports import Clock, Policies, Store

ROUNDS = 10
"""How often a decision that the store contradicted at once is made again before giving up."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A request's place: whose it is, when it is booked, and what it must pass."""

    tenant_id: str
    labels: Labels
    booking: Booking
    policy: Policy
    at: datetime
    """When it was made: the one present moment of the request."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates of the request, the narrowest first."""
        return self.policy.gates(self.tenant_id, self.labels, self.booking)

    @property
    def gated_accounts(self) -> tuple[AccountKey, ...]:
        """The accounts that the gates watch, each once."""
        return tuple(dict.fromkeys(gate.account for gate in self.gates))

    @property
    def limits(self) -> Mapping[AccountKey, Decimal | None]:
        """The most that each gated account may have committed; None: no limit."""
        return self.policy.limits(self.tenant_id, self.labels, self.booking)

    @property
    def execution(self) -> AccountKey | None:
        """The account of the execution that spends, if an agent does."""
        name = self.labels.agent_execution_id
        return execution_key(self.tenant_id, name) if name else None

    def lineage_of(self, account: AccountKey) -> str | None:
        """The lineage that a write to this account asserts: its execution's, or an ancestor's."""
        if account.scope != EXECUTION:
            return None
        return self.labels.lineage_of(account.scope_id)

    def following(self, accounts: Mapping[AccountKey, Account]) -> "Plan":
        """The same plan under the workflow and ancestors that the execution's row keeps.

        Raises ConflictError where the request says others.
        """
        own = accounts.get(self.execution) if self.execution else None
        kept = own.lineage if own else None
        if kept is None or kept == self.labels.lineage:
            return self
        return replace(self, labels=_inherit(self.labels, kept))

    @property
    def tenant_month(self) -> AccountKey:
        """The account of the tenant's month."""
        return tenant_key(self.tenant_id, self.booking.month)

    def status_in(self, standings: tuple[Standing, ...] | None) -> Standing | None:
        """The standing of the tenant's month among those of the gates, where they are known."""
        if standings is None:
            return None
        return next(one for one in standings if one.gate.account == self.tenant_month)


class Planner:
    """Makes plans. Reads the store only for a request that names a parent."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def plan(
        self,
        tenant_id: str,
        labels: Labels,
        occurred_at: datetime | None = None,
        parents: Mapping[AccountKey, Account] | None = None,
    ) -> Plan:
        """The place of a request that happens now or happened at `occurred_at`.

        `parents`: the accounts of parents where they were read already. Raises ValidationError
        for a parent that cannot be one.
        """
        return self.place(tenant_id, self.below(tenant_id, labels, parents), occurred_at)

    def standings(self, plan: Plan) -> tuple[Standing, ...] | None:
        """The plan's gates after a write, or None where they cannot be read just now.

        What was written stands: a read that fails behind it must not look like a write that did.
        """
        try:
            return stand(plan.gates, self._store.accounts(plan.gated_accounts))
        except UnavailableError:
            return None

    def place(self, tenant_id: str, labels: Labels, occurred_at: datetime | None = None) -> Plan:
        """The place of labels that are complete already."""
        policy, now = self._policies.for_tenant(tenant_id), self._clock.now()
        booking = book(occurred_at or now, now, policy.time_zone)
        return Plan(tenant_id, labels, booking, policy, now)

    def booked(self, tenant_id: str, labels: Labels, booking: Booking) -> Plan:
        """The place of something whose booking is known already."""
        policy = self._policies.for_tenant(tenant_id)
        return Plan(tenant_id, labels, booking, policy, self._clock.now())

    def below(
        self, tenant_id: str, labels: Labels, parents: Mapping[AccountKey, Account] | None = None
    ) -> Labels:
        """The labels with the parent's workflow and ancestors. Raises ValidationError."""
        parent_id = labels.parent_execution_id
        if parent_id is None or labels.agent_execution_id is None:
            return labels
        parent_key = execution_key(tenant_id, parent_id)
        kept = (parents or self._store.accounts([parent_key]))[parent_key].lineage
        if kept is None:
            raise bad_parent(f"no execution {parent_id} has held or spent anything here")
        above = Labels().within(kept)
        ancestors = (parent_id, *above.ancestors)
        if labels.agent_execution_id in ancestors:
            raise bad_parent(f"execution {labels.agent_execution_id} would be its own ancestor")
        if len(ancestors) > MAX_ANCESTORS:
            raise bad_parent(f"an execution has at most {MAX_ANCESTORS} ancestors")
        workflow = labels.workflow_execution_id or above.workflow_execution_id
        if workflow != above.workflow_execution_id:
            raise bad_parent(f"execution {parent_id} is not part of workflow {workflow}")
        return replace(labels, workflow_execution_id=workflow, ancestors=ancestors)


def not_ahead(occurred_at: datetime | None, now: datetime, field: str = "occurred_at") -> None:
    """Raises ValidationError for what has not happened yet."""
    if occurred_at is not None and occurred_at > now + AHEAD:
        raise ValidationError(f"{field} is more than 5 minutes ahead of the server's time", field)


def gave_up() -> UnavailableError:
    """The error after `ROUNDS` contradictions in a row."""
    return UnavailableError("the accounts changed too fast to decide; try again")


def bad_parent(why: str) -> ValidationError:
    """The error for a parent that cannot be one."""
    return ValidationError(f"parent_execution_id: {why}", "parent_execution_id")


def _inherit(said: Labels, kept: str) -> Labels:
    inherited = said.within(kept)
    who = f"execution {said.agent_execution_id}"
    if said.workflow_execution_id not in {None, inherited.workflow_execution_id}:
        belongs = inherited.workflow_execution_id or "no workflow"
        raise ConflictError(
            f"{who} belongs to {belongs} since its first use", "workflow_execution_id"
        )
    if said.parent_execution_id is not None and said.ancestors != inherited.ancestors:
        parent = inherited.parent_execution_id or "no parent"
        raise ConflictError(f"{who} runs under {parent} since its first use", "parent_execution_id")
    return inherited
