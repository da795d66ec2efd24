"""The ledger as CSV, safe to open in a spreadsheet."""

import csv
import io
import re
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
JOINER = " | "
"""Between tags and between flags. It separates no columns in any locale."""
_FORMULA = "=+@\uff1d\uff0b\uff0d\uff20-"
"""Signs that begin a formula, full-width ones too: some spreadsheets read them alike."""
_BEGINS = re.compile(rf"((?:^|[,;\t|\n\r])\s*)(?=[{_FORMULA}])")
"""Before such a sign: at the beginning of a text, and where another locale cuts it in two."""


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
        value = JOINER.join(value)
    if isinstance(value, dict):
        value = value["state"]  # a decision about a quarantined cost
    text = "" if value is None else str(value)
    return text if name in _NUMBERS else _BEGINS.sub(r"\1'", text)
