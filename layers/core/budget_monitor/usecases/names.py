"""Operations that a caller named: whether this very one was done before."""

from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import NamedOperation
from budget_monitor.ports import Store


def known(
    store: Store, names: NamedOperation | None, id_field: str = "idempotency_key"
) -> Request | None:
    """What was asked under this name before, or None. No request where there is no name.

    Raises IdempotencyMismatchError naming the first field that the request says otherwise.
    """
    if names is None:
        return None
    stored = store.operation(names.tenant_id, names.idempotency_key, of_people=names.of_people)
    if stored is not None:
        refuse_other_content(stored, names.request, id_field)
    return stored
