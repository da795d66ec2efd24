"""The accounts of a cost's user, tags, workflow name and provider: read by reports, never limited.

A cost moves accounts only for the labels that it has, and one account more that counts which
labels these are. So a cost without any of them writes nothing for these breakdowns, and what a
month spent without a user is exact: its spend less that of all accounts that count a user.
"""

from itertools import combinations

from budget_monitor.domain.accounting.accounts import (
    LABELLED,
    PROVIDER,
    TAG,
    USER,
    WORKFLOW_NAME,
    AccountKey,
)
from budget_monitor.domain.accounting.labels import Labels

MAX_MOVED = 96
"""Accounts of a cost. Its entry, hold, idempotency key and net account make that 100 items."""
_SCOPES = (PROVIDER, TAG, USER, WORKFLOW_NAME)


def with_names(
    needed: tuple[AccountKey, ...], tenant_id: str, labels: Labels, month: str
) -> tuple[AccountKey, ...]:
    """Return the accounts that a cost needs and those of its names.

    Where budgets leave no room for all of its names it gets none of them, and the breakdowns show
    it without a name.
    """
    names = named_accounts(tenant_id, labels, month)
    return (*needed, *names) if len(needed) + len(names) <= MAX_MOVED else needed


def named_accounts(tenant_id: str, labels: Labels, month: str) -> tuple[AccountKey, ...]:
    """Return the accounts of a cost's user, tags, workflow name and provider, and their count."""
    provider = labels.provider_resolved or labels.provider if labels.provider else None
    names = {
        PROVIDER: (provider,),
        TAG: labels.tags,
        USER: (labels.user,),
        WORKFLOW_NAME: (labels.workflow,),
    }
    said = [(scope, name) for scope, every in names.items() for name in every if name]
    if not said:
        return ()
    kinds = _joined({scope for scope, _ in said})
    accounts = [AccountKey(tenant_id, scope, name, month) for scope, name in said]
    return (*accounts, AccountKey(tenant_id, LABELLED, kinds, month))


def labelled_keys(tenant_id: str, scope: str, month: str) -> tuple[AccountKey, ...]:
    """Return the accounts that together sum a month's costs with a label of this scope."""
    others = [one for one in _SCOPES if one != scope]
    more = (some for count in range(len(others) + 1) for some in combinations(others, count))
    kinds = [_joined({scope, *some}) for some in more]
    return tuple(AccountKey(tenant_id, LABELLED, one, month) for one in kinds)


def all_labelled_keys(tenant_id: str, month: str) -> tuple[AccountKey, ...]:
    """Return all accounts that count which labels a month's costs have."""
    found = (labelled_keys(tenant_id, scope, month) for scope in _SCOPES)
    return tuple(dict.fromkeys(key for keys in found for key in keys))


def labels_of(account: AccountKey) -> list[str]:
    """Return the labels of the costs that such an account sums."""
    return account.scope_id.split(" ")


def _joined(scopes: set[str]) -> str:
    return " ".join(sorted(scopes))
