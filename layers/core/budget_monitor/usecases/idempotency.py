"""Idempotency keys: find the stored request of a key, or store it."""

from dataclasses import replace

from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Documents, Store

KEY_FIELD = "idempotency_key"


def known(
    store: Documents, key: IdempotencyKey | None, id_field: str = KEY_FIELD
) -> Request | None:
    """Return the request that is stored under this key, or None. No read if there is no key.

    Raises IdempotencyMismatchError naming the first field that differs.
    """
    if key is None:
        return None
    stored = store.operation(key.tenant_id, key.idempotency_key, of_people=key.of_people)
    if stored is not None:
        refuse_other_content(stored, key.request, id_field)
    return stored


def keep(store: Store, key: IdempotencyKey | None) -> None:
    """Store only the key: for a request that changes nothing, or before several transactions.

    Raises IdempotencyMismatchError if another request has the key.
    """
    if key is not None and not store.commit(Transaction(idempotency=key)):
        known(store, key)


def known_decision(store: Documents, key: IdempotencyKey | None) -> Request | None:
    """Like `known`, and also finds keys of an earlier version, stored in the budgets table.

    Raises IdempotencyMismatchError.
    """
    if key is None:
        return None
    earlier = replace(key, idempotency_key=f"{KEY_FIELD}#{key.idempotency_key}", of_people=True)
    return known(store, key) or known(store, earlier)
