"""Read one workflow: its account, its budget and its owner."""

from datetime import datetime

from budget_monitor.domain.accounting.accounts import Account, workflow_key
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.signers import Owners
from budget_monitor.ports import Accounts, Clock, Policies
from budget_monitor.usecases.authority import owners_of


class WorkflowReader:
    """Reads single workflow executions."""

    def __init__(self, store: Accounts, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def workflow(self, tenant_id: str, workflow_id: str) -> Standing:
        """Return the standing of a workflow execution, known or not."""
        key = workflow_key(tenant_id, workflow_id)
        self._policies.forget(tenant_id)
        policy = self._policies.for_tenant(tenant_id)
        return run_standing(policy, self._store.accounts([key])[key], self._clock.now())

    def must_be_seen(self, tenant_id: str, workflow_id: str) -> None:
        """Raise NotFoundError for an unknown workflow execution."""
        key = workflow_key(tenant_id, workflow_id)
        if not self._store.accounts([key])[key].seen:
            raise NotFoundError(f"no workflow {workflow_id}")

    def owners(self, tenant_id: str) -> Owners:
        """Return the tenant's owners."""
        self._policies.forget(tenant_id)  # the owner check must not use an old policy
        return owners_of(self._policies.for_tenant(tenant_id), tenant_id)


def run_standing(policy: Policy, account: Account, now: datetime) -> Standing:
    """Return the standing of a run at its first gate in USD."""
    every = policy.run_gates(account.key, account.name, now)
    gates = [gate for gate in every if gate.account == account.key]
    return standings_of(gates, {account.key: account})[0]
