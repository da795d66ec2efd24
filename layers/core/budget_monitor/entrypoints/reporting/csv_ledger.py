"""The ledger as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = (
    "entry_id",
    "kind",
    "occurred_at",
    "recorded_at",
    "month",
    "cost_usd",
    "tokens",
    "agent_execution_id",
    "workflow_execution_id",
    "parent_execution_id",
    "workflow",
    "agent",
    "model",
    "provider",
    "user",
    "tags",
    "reservation_id",
    "adjusts",
    "reason",
    "by",
    "flags",
    "decision",
)
_NUMBERS = {"cost_usd", "tokens"}
_FORMULA = ("=", "+", "-", "@")


def to_csv(entries: Sequence[Mapping[str, Any]]) -> str:
    """A header and one line per entry.

    A text that a spreadsheet would read as a formula gets a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_cell(name, entry[name]) for name in COLUMNS])
    return out.getvalue()


def _cell(name: str, value: object) -> str:
    if isinstance(value, list):
        value = ";".join(value)
    if isinstance(value, dict):
        value = value["state"]  # a decision about a quarantined cost
    text = "" if value is None else str(value)
    return f"'{text}" if name not in _NUMBERS and text.startswith(_FORMULA) else text
