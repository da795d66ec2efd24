"""When cached copies may be used: for checks and reports that are far from every limit."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import DEFAULT_TERMS, Account, AccountKey
from budget_monitor.domain.errors import ConflictError
from budget_monitor.domain.holds.decisions import standings_of
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.ports.recency import Origin
from budget_monitor.usecases.accounting.plan import Plan

_FEW_HOLDS = 20


def copies_suffice(plan: Plan, accounts: Mapping[AccountKey, Account], asked: Decimal) -> bool:
    """True if cached copies are enough to allow the amount (USD). Copies never refuse.

    They are not enough if one of these is true:

    - the tenant is suspended or the workflow paused,
    - the months' rows have another policy version,
    - the rows have workflow terms or a lineage that the plan does not have,
    - a gate is near its limit,
    - the tenant is near its maximum of open reservations.
    """
    if plan.stopped or not _same_policy(plan, accounts):
        return False
    try:
        known = plan.following(accounts) == plan
    except ConflictError:
        return False
    if not known or _near_most_holds(plan, accounts):
        return False
    return not any(one.near for one in standings_of(plan.gates, accounts, asked))


def _near_most_holds(plan: Plan, accounts: Mapping[AccountKey, Account]) -> bool:
    """True if fewer than a tenth of the maximum, or fewer than 20, reservations can be opened."""
    most = plan.policy.max_holds
    left = most - accounts[plan.tenant_month].totals.holds
    return left < max(most // 10, _FEW_HOLDS)


def _same_policy(plan: Plan, accounts: Mapping[AccountKey, Account]) -> bool:
    """True if the months' rows have exactly the plan's policy versions."""
    versions = ((one.policy_version, plan.version_of(key)) for key, one in accounts.items())
    return all(there == here for there, here in versions if here is not None)


class Reader:
    """Reads data for a report, from copies or strictly from the store, and keeps its origin."""

    def __init__(
        self, store: Store, policies: Policies, clock: Clock, *, strictly: bool = False
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
