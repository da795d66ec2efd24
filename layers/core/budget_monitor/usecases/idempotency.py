"""Requests that a caller named: whether this very one was done before."""

from dataclasses import replace

from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Store

KEY_FIELD = "idempotency_key"


def known(store: Store, names: IdempotencyKey | None, id_field: str = KEY_FIELD) -> Request | None:
    """What was asked under this name before, or None. No request where there is no name.

    Raises IdempotencyMismatchError naming the first field that the request says otherwise.
    """
    if names is None:
        return None
    stored = store.operation(names.tenant_id, names.idempotency_key, of_people=names.of_people)
    if stored is not None:
        refuse_other_content(stored, names.request, id_field)
    return stored


def keep(store: Store, names: IdempotencyKey | None) -> None:
    """Store the name alone: of a request that changes nothing, or ahead of several transactions.

    Raises IdempotencyMismatchError where another request has it already.
    """
    if names is not None and not store.commit(Transaction(names=names)):
        known(store, names)


def known_decision(store: Store, names: IdempotencyKey | None) -> Request | None:
    """The same as `known`, also for a key of an earlier version: it kept them with the decisions.

    Raises IdempotencyMismatchError.
    """
    if names is None:
        return None
    earlier = replace(names, idempotency_key=f"{KEY_FIELD}#{names.idempotency_key}", of_people=True)
    return known(store, names) or known(store, earlier)
