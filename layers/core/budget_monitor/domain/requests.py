"""Canonical requests, and the comparison of a retry with the request stored under its id."""

from collections.abc import Mapping
from typing import Any

from budget_monitor.domain.errors import IdempotencyMismatchError
from budget_monitor.domain.names import one_spelling

Request = Mapping[str, Any]
"""A canonical request: the fields that the caller gave, parsed, as plain JSON, in their order."""

OPERATION = "operation"
TAGS, COSTS = "tags", "costs"
NAMES = frozenset({"workflow", "agent", "model", "provider", "user", "scope_id", "owner"})


def first_difference(stored: Request, retried: Request) -> str | None:
    """Return the first field in which the retry differs from the stored request, or None.

    - A field that the retry leaves out does not differ. A field that it adds does.
    - A retry of another operation differs in `operation`.
    - Tags are compared as a set.
    - In a batch, the first differing cost is named by its index: `costs[3]`.
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
    """The field, with the index of the first differing cost in batches of equal length."""
    if field != COSTS or not isinstance(stored, list) or len(stored) != len(retried):
        return field
    pairs = enumerate(zip(stored, retried, strict=True))
    return next(f"{field}[{n}]" for n, (one, other) in pairs if one != other)


def refuse_other_content(stored: Request, retried: Request, id_field: str) -> None:
    """Raise IdempotencyMismatchError if the retry differs; the error names the first such field.

    If the id belongs to another operation, the error names the id's own field.
    """
    field = first_difference(stored, retried)
    if field is not None:
        named = id_field if field == OPERATION else field
        raise IdempotencyMismatchError(
            f"this {id_field} was used before with another {field}; nothing was changed", named
        )
