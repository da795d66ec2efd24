"""What copies may decide and show: only what is far from every limit and beyond doubt."""

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


def settles(plan: Plan, accounts: Mapping[AccountKey, Account], asked: Decimal) -> bool:
    """Whether copies allow the amount beyond doubt; they never refuse.

    Doubt is a stop, a policy that is not the months' own, terms or a lineage that the request does
    not know, a gate that is near its limit, judged or not, and a tenant near its most holds.
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
    """Whether so few reservations may still be opened that no copy decides: a tenth, or 20."""
    most = plan.policy.most_holds
    left = most - accounts[plan.tenant_month].totals.holds
    return left < max(most // 10, _FEW_HOLDS)


def _same_policy(plan: Plan, accounts: Mapping[AccountKey, Account]) -> bool:
    """Whether the months were last decided by this very policy: no older one, no later one."""
    versions = ((one.policy_version, plan.version_of(key)) for key, one in accounts.items())
    return all(there == here for there, here in versions if here is not None)


class Reader:
    """Reads what a report shows, of late or strictly as it is, and knows where it came from."""

    def __init__(
        self, store: Store, policies: Policies, clock: Clock, *, strictly: bool = False
    ) -> None:
        self._store = store
        self._policies = policies
        self._strictly = strictly
        self.origin = Origin(clock.now())

    def policy(self, tenant_id: str) -> Policy:
        """The policy as it is stored: a limit that was decided a moment ago is shown."""
        self._policies.forget(tenant_id)
        if self._strictly:
            return self._policies.for_tenant(tenant_id)
        told = self._policies.recent(tenant_id)
        self.origin = self.origin.joined(told.origin)
        return told.policy

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """The accounts."""
        if self._strictly:
            return self._store.accounts(keys)
        seen = self._store.recent(keys)
        self.origin = self.origin.joined(seen.origin)
        return seen.accounts


def usual(account: Account) -> bool:
    """Whether a run exists and nobody decided anything about it."""
    return account.seen and account.terms == DEFAULT_TERMS
