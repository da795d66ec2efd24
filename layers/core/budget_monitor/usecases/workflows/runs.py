"""One run as its account and its budgets show it."""

from datetime import datetime

from budget_monitor.domain.accounting.accounts import Account, workflow_key
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.domain.holds.decisions import Standing, standings_of
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.usecases.rules.authority import owner_of


class WorkflowReader:
    """Reads single runs."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def workflow(self, tenant_id: str, workflow_id: str) -> Standing:
        """A workflow run, seen or not."""
        key = workflow_key(tenant_id, workflow_id)
        self._policies.forget(tenant_id)
        policy = self._policies.for_tenant(tenant_id)
        return run_standing(policy, self._store.accounts([key])[key], self._clock.now())

    def must_be_seen(self, tenant_id: str, workflow_id: str) -> None:
        """Raises NotFoundError for a workflow run that was never seen."""
        key = workflow_key(tenant_id, workflow_id)
        if not self._store.accounts([key])[key].seen:
            raise NotFoundError(f"no workflow {workflow_id}")

    def owner(self, tenant_id: str) -> str | None:
        """Whom the tenant's money belongs to."""
        self._policies.forget(tenant_id)  # it stands between him and more money
        return owner_of(self._policies.for_tenant(tenant_id), tenant_id)


def run_standing(policy: Policy, account: Account, now: datetime) -> Standing:
    """A run's account at its first gate: its own budget's, or a default's."""
    every = policy.run_gates(account.key, account.name, now)
    gates = [gate for gate in every if gate.account == account.key]
    return standings_of(gates, {account.key: account})[0]
