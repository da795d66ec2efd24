"""Making plans: labels completed, the policy found, and what the store says followed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from budget_monitor.domain.accounts import Account, AccountKey, execution_key, workflow_key
from budget_monitor.domain.decisions import Standing, stand
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.labels import MAX_ANCESTORS, Labels
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.policy import Names, Policy
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.ports.recency import Origin
from budget_monitor.usecases.beginnings import Beginnings
from budget_monitor.usecases.plans import Plan, bad_parent


class Planner:
    """Makes plans. Reads the store only for a request that names a parent."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self.beginnings = Beginnings(store)

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

    def recently(self, tenant_id: str, labels: Labels) -> tuple[Plan, Origin]:
        """The place of a question that happens now, under a policy that may be a copy."""
        told = self._policies.recent(tenant_id)
        labels = self.below(tenant_id, labels)
        return self.place(tenant_id, labels, policy=told.policy), told.origin

    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    def policy(self, tenant_id: str) -> Policy:
        """All that applies to this tenant, as far as is known here."""
        return self._policies.for_tenant(tenant_id)

    def standings(self, plan: Plan) -> tuple[Standing, ...] | None:
        """The plan's gates after a write, or None where they cannot be read just now.

        What was written stands: a read that fails behind it must not look like a write that did.
        """
        try:
            return stand(plan.gates, self._store.accounts(plan.gated_accounts))
        except UnavailableError:
            return None

    def place(
        self,
        tenant_id: str,
        labels: Labels,
        occurred_at: datetime | None = None,
        policy: Policy | None = None,
    ) -> Plan:
        """The place of labels that are complete already, under the stored policy unless given."""
        policy, now = policy or self._policies.for_tenant(tenant_id), self._clock.now()
        booking = policy.calendar.book(occurred_at or now, now)
        names = self._names(tenant_id, labels, policy)
        return Plan(tenant_id, labels, booking, policy, now, names)

    def booked(self, tenant_id: str, labels: Labels, booking: Booking) -> Plan:
        """The place of something whose booking is known already."""
        policy, now = self._policies.for_tenant(tenant_id), self._clock.now()
        return Plan(tenant_id, labels, booking, policy, now, self._names(tenant_id, labels, policy))

    def follow(self, plan: Plan, accounts: Mapping[AccountKey, Account]) -> Plan:
        """The same plan by what the accounts say: their lineage, terms, and a later policy.

        The same object's equal where they say nothing new.
        """
        if plan.outdated_by(accounts):
            plan = self.refresh(plan)
        followed = plan.following(accounts)
        if followed.misplaced_in(accounts):
            labels = self.below(plan.tenant_id, followed.labels, accounts)
            followed = replace(followed, labels=labels)
        if followed.labels == plan.labels:
            return followed
        names = self._names(plan.tenant_id, followed.labels, plan.policy)
        return replace(followed, names=names)

    def again(self, plan: Plan) -> Plan:
        """The same plan made by the policy as it is now known."""
        policy = self._policies.for_tenant(plan.tenant_id)
        names = self._names(plan.tenant_id, plan.labels, policy)
        return replace(plan, policy=policy, names=names, excused=frozenset())

    def refresh(self, plan: Plan) -> Plan:
        """The same plan by the policy as it is stored."""
        self.forget(plan.tenant_id)
        return self.again(plan)

    def forget(self, tenant_id: str) -> None:
        """Read the tenant's policy anew for the next plan."""
        self._policies.forget(tenant_id)

    def _names(self, tenant_id: str, labels: Labels, policy: Policy) -> Names:
        """What the rows of runs say that they are called, where a budget is for such a name."""
        if not policy.names_runs:
            return {}
        asked = [execution_key(tenant_id, one) for one in labels.ancestors]
        if labels.agent_execution_id and not labels.agent:
            asked.append(execution_key(tenant_id, labels.agent_execution_id))
        if labels.workflow_execution_id and not labels.workflow:
            asked.append(workflow_key(tenant_id, labels.workflow_execution_id))
        found = self._store.accounts(asked) if asked else {}
        return {run: account.name for run, account in found.items() if account.name}

    def below(
        self, tenant_id: str, labels: Labels, parents: Mapping[AccountKey, Account] | None = None
    ) -> Labels:
        """The labels with the parent's workflow and ancestors. Raises ValidationError.

        A parent that was never seen is opened by its child: in that workflow, under nobody.
        """
        parent_id = labels.parent_execution_id
        if parent_id is None or labels.agent_execution_id is None:
            return labels
        parent_key = execution_key(tenant_id, parent_id)
        kept = (parents or self._store.accounts([parent_key]))[parent_key].lineage
        opened = Labels(workflow_execution_id=labels.workflow_execution_id)
        above = opened if kept is None else opened.within(kept)
        ancestors = (parent_id, *above.ancestors)
        if labels.agent_execution_id in ancestors:
            raise bad_parent(f"execution {labels.agent_execution_id} would be its own ancestor")
        if len(ancestors) > MAX_ANCESTORS:
            raise bad_parent(f"an execution has at most {MAX_ANCESTORS} ancestors")
        workflow = labels.workflow_execution_id or above.workflow_execution_id
        if workflow != above.workflow_execution_id:
            raise bad_parent(f"execution {parent_id} is not part of workflow {workflow}")
        return replace(labels, workflow_execution_id=workflow, ancestors=ancestors)
