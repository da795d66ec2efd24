"""Size limits of stored rules and history: a DynamoDB item has at most 400 KB."""

import json
from collections.abc import Mapping
from typing import Any

from budget_monitor.domain.errors import ConflictError
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.rulebook import Rules

ITEM_BYTES = 398 * 1024
"""Maximum of a stored document; leaves room for the key and the attribute names."""
MAX_BYTES = 256 * 1024
"""Maximum of all rules after a deletion. Only a suspension may make them larger."""
SPARE_BYTES = 32 * 1024
"""Left free by all other changes, so that prices can still be deleted when the rules are full."""
MAX_OF_CHANGE = 320 * 1024
"""Maximum of one history record with before and after. Less than a row: room to end raises."""

_STOPPING = {"suspend", "reinstate", "delete_tenant"}
_ENDING = {"delete_price", "delete_budget"}


def refuse_unfitting(before: Rules, after: Rules, change: Request) -> None:
    """Raise ConflictError if the change does not fit; the message says what to remove.

    Changes that make the rules smaller, and suspensions, are limited by the item size only. All
    other changes leave room for them.
    """
    operation, size = str(change["operation"]), _size(after.dump())
    unbounded = operation in _STOPPING or size <= _size(before.dump())
    most = ITEM_BYTES if unbounded else MAX_BYTES - (0 if operation in _ENDING else SPARE_BYTES)
    if size > most:
        raise ConflictError(
            f"the rules of {after.tenant_id} would take over {most // 1024} KB: set a budget "
            "again, which ends its raises, delete budgets or prices that are no longer used, or "
            "give shorter reasons"
        )
    most = ITEM_BYTES if unbounded else MAX_OF_CHANGE
    if _size(change) > most:
        what = change.get("budget_id") or "it"
        raise ConflictError(
            f"the history of this change would take over {most // 1024} KB: set {what} again, "
            "which ends its raises, or give shorter reasons"
        )


def _size(document: Mapping[str, Any]) -> int:
    """Return the size of the stored document in bytes."""
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
