"""Whether rows of the table can keep a decision: DynamoDB takes at most 400 KB an item."""

import json
from collections.abc import Mapping
from typing import Any

from budget_monitor.domain.errors import ConflictError
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.rulebook import Rules

ITEM_BYTES = 398 * 1024
"""What a row has room for beside its key and the names of its attributes."""
MAX_BYTES = 256 * 1024
"""Of all rules of an owner after a decision that ends something. More only a suspension makes."""
SPARE_BYTES = 32 * 1024
"""Left by all other decisions, so that prices can be deleted when nothing more can be set."""
MAX_OF_CHANGE = 320 * 1024
"""Of one change with what it shows of before and after; less than a row, for what ends raises."""

_STOPPING = {"suspend", "reinstate", "delete_tenant"}
_ENDING = {"delete_price", "delete_budget"}


def refuse_unfitting(before: Rules, after: Rules, change: Request) -> None:
    """Raises ConflictError, which says what to remove, where rows cannot keep the decision.

    What makes the rules smaller is bounded by the rows alone, and so is a suspension, for which all
    other decisions leave room.
    """
    operation, size = str(change["operation"]), _size(after.dump())
    unbounded = operation in _STOPPING or size <= _size(before.dump())
    most = ITEM_BYTES if unbounded else MAX_BYTES - (0 if operation in _ENDING else SPARE_BYTES)
    if size > most:
        raise ConflictError(
            f"the rules of {after.owner_id} would take over {most // 1024} KB: set a budget anew, "
            "which ends its raises, delete budgets, or prices that nothing is booked by any more "
            "from before they began, or give shorter reasons"
        )
    most = ITEM_BYTES if unbounded else MAX_OF_CHANGE
    if _size(change) > most:
        what = change.get("budget_id") or "it"
        raise ConflictError(
            f"the history of this change would take over {most // 1024} KB: set {what} anew, "
            "which ends its raises, or give shorter reasons"
        )


def _size(document: Mapping[str, Any]) -> int:
    """How many bytes the document has as it is stored."""
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
