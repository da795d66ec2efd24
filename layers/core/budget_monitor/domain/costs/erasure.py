"""Erase what names people from a tenant's records, and keep the sums."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from budget_monitor.domain.accounting.accounts import BUDGET, TAG, USER, AccountKey
from budget_monitor.domain.accounting.labels import Labels, parts
from budget_monitor.domain.costs.ledger import Entry

ERASED = "erased"
"""Replaces a name or a reason."""
ERASURE = "delete_tenant"
"""The operation under which the history stores who erased the records, and why."""
_PEOPLE = {USER, TAG}
_TEXTS = {"by", "reason", "owner", "message", "principal", "user"}


def names_people(account: AccountKey) -> bool:
    """True if the account's key contains the name of a user or a tag."""
    return account.scope in _PEOPLE or (
        account.scope == BUDGET and parts(account.scope_id)[1] in _PEOPLE
    )


def labels_without_people(labels: Labels) -> Labels:
    """The same labels without users and tags."""
    return replace(labels, user=None, tags=())


def accounts_without_people(accounts: tuple[AccountKey, ...]) -> tuple[AccountKey, ...]:
    """The accounts without those whose keys name people."""
    return tuple(one for one in accounts if not names_people(one))


def entry_without_people(entry: Entry) -> Entry:
    """The same cost on the same accounts, without who and why, and without its request."""
    review = entry.review
    return replace(
        entry,
        labels=labels_without_people(entry.labels),
        request={ERASED: True},
        by=entry.by and ERASED,
        principal=None,
        reason=entry.reason and ERASED,
        moved=accounts_without_people(entry.moved),
        review=review and replace(review, by=ERASED, reason=ERASED, principal=None),
    )


def document_without_people(value: Any) -> Any:  # noqa: ANN401 - any plain JSON
    """The same JSON without who and why, owners, messages, and names of users and tags."""
    if isinstance(value, list):
        return [document_without_people(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    kept = {name: _field(name, one) for name, one in value.items()}
    if kept.get("scope") in _PEOPLE and kept.get("scope_id"):
        kept["scope_id"] = ERASED
    return kept


def _field(name: str, value: Any) -> Any:  # noqa: ANN401
    if name in _TEXTS and isinstance(value, str):
        return ERASED
    if name in {"tags", "owners"} and isinstance(value, list):
        return []
    return document_without_people(value)
