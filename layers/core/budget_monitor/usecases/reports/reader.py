"""Read accounts and policies for a report: from copies, or strictly from the store."""

from collections.abc import Iterable, Mapping

from budget_monitor.domain.accounting.accounts import DEFAULT_TERMS, Account, AccountKey
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.ports import Accounts, Clock, Origin, Policies


class Reader:
    """Reads data for a report, from copies or strictly from the store, and keeps its origin."""

    def __init__(
        self, store: Accounts, policies: Policies, clock: Clock, *, strictly: bool = False
    ) -> None:
        self._store = store
        self._policies = policies
        self._strictly = strictly
        self.origin = Origin(clock.now())

    def policy(self, tenant_id: str) -> Policy:
        """Return the policy, read again, so that a limit changed a moment ago is shown."""
        self._policies.forget(tenant_id)
        if self._strictly:
            return self._policies.for_tenant(tenant_id)
        recent = self._policies.recent(tenant_id)
        self.origin = self.origin.joined(recent.origin)
        return recent.policy

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return the accounts."""
        if self._strictly:
            return self._store.accounts(keys)
        seen = self._store.recent(keys)
        self.origin = self.origin.joined(seen.origin)
        return seen.accounts


def has_default_terms(account: Account) -> bool:
    """True if the run exists and was never paused or given its own limit."""
    return account.seen and account.terms == DEFAULT_TERMS
