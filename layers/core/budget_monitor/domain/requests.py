"""What was asked, in a form that a later request with the same id is compared with."""

from collections.abc import Mapping
from typing import Any

from budget_monitor.domain.accounting.names import one_spelling
from budget_monitor.domain.errors import IdempotencyMismatchError

Request = Mapping[str, Any]
"""A canonical request: the parsed fields that the caller gave, as plain JSON, in their order."""

OPERATION = "operation"
TAGS, COSTS = "tags", "costs"
NAMES = frozenset({"workflow", "agent", "model", "provider", "user", "scope_id", "owner"})


def first_difference(stored: Request, retried: Request) -> str | None:
    """The first field that the retry says otherwise than the stored request, or None.

    What the retry leaves out it does not contradict; what it adds it does. A retry of another
    operation differs in its `operation`. Tags are a set: their order says nothing. Of a batch's
    costs the first that differs is named by its place.
    """
    for field, value in retried.items():
        if value is not None and _comparable(field, stored.get(field)) != _comparable(field, value):
            return _place(field, stored.get(field), value)
    return None


def _comparable(field: str, value: Any) -> Any:  # noqa: ANN401 - plain JSON
    # Earlier versions stored tags in the caller's order, and names as the caller spelled them.
    if field == TAGS and isinstance(value, list):
        return sorted({one_spelling(one) for one in value})
    return one_spelling(value) if field in NAMES and isinstance(value, str) else value


def _place(field: str, stored: Any, retried: Any) -> str:  # noqa: ANN401 - plain JSON
    """The field, or the place in it where two batches of the same length differ."""
    if field != COSTS or not isinstance(stored, list) or len(stored) != len(retried):
        return field
    pairs = enumerate(zip(stored, retried, strict=True))
    return next(f"{field}[{n}]" for n, (one, other) in pairs if one != other)


def refuse_other_content(stored: Request, retried: Request, id_field: str) -> None:
    """Raises IdempotencyMismatchError naming the first field that a retry says otherwise.

    Where the id belongs to another operation, that is the id's own field.
    """
    field = first_difference(stored, retried)
    if field is not None:
        named = id_field if field == OPERATION else field
        raise IdempotencyMismatchError(
            f"this {id_field} was used before with another {field}; nothing was changed", named
        )
