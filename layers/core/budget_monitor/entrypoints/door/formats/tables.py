"""Answers as tables: CSV and JSON Lines in place of JSON."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import CSV, FORMATS, JSON_LINES, MEDIA, Answer
from budget_monitor.usecases.exports.cells import CURRENCY, Row, to_csv, to_json_lines

_COUNTS = ("entries", "tokens", "input_tokens", "output_tokens")

BREAKDOWN = ("tenant_id", "month", "by", "name", "spent_usd", "share_percent", *_COUNTS, "currency")
STATEMENT = (
    *("tenant_id", "scope", "month", "number", "closed_at", "ends_at", "takes_costs_until"),
    *("limit_usd", "spent_usd", "overrun_usd", "held_usd", "agent_cost_usd", "workflow_cost_usd"),
    *("late_usd", *_COUNTS, "currency"),
)
BUDGET = (
    *("tenant_id", "budget_id", "scope", "scope_id", "period", "limit_usd", "base_limit_usd"),
    *("limit_tokens", "limit_calls", "reserve_percent", "action", "thresholds", "enforcement"),
    *("source", "spent_usd", "held_usd", "available_usd", "used_percent", "resets_at"),
    *("rollover_usd", "carried_usd", "currency"),
)
"""The columns of breakdowns, statements and budgets. The ledger's are in `ledger_columns`."""


def read_format(fields: Fields) -> str | None:
    """The table format that the request asks for, or None for JSON."""
    found = fields.choice("format", FORMATS)
    return found if found in {CSV, JSON_LINES} else None


def table(wanted: str, columns: Sequence[str], rows: Sequence[Row], cursor: str | None) -> Answer:
    """The rows in that format. Over HTTP the cursor of the next page is in a header."""
    text = to_csv(columns, rows) if wanted == CSV else to_json_lines(rows)
    headers = {"content-type": f"{MEDIA[wanted]}; charset=utf-8"}
    if cursor:
        headers["x-next-cursor"] = cursor
    return Answer({wanted: text, "cursor": cursor}, headers=headers, text=text)


def items_table(
    wanted: str,
    columns: Sequence[str],
    items: Sequence[Mapping[str, Any]],
    cursor: str | None = None,
    **same: str | None,
) -> Answer:
    """Items of a JSON answer in that format. `same`: fields that all of them share."""
    known = {**same, "currency": CURRENCY}
    rows = [{**known, **one} for one in items]
    if wanted == CSV:
        rows = [{name: _value(name, row.get(name)) for name in columns} for row in rows]
    return table(wanted, columns, rows, cursor)


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - any plain JSON
    """An amount as a number, not as text; a list or object as text."""
    if isinstance(value, str) and name.endswith(("_usd", "_percent")):
        return Decimal(value)
    if isinstance(value, list):
        return [str(one) for one in value]
    return json.dumps(value) if isinstance(value, dict) else value
