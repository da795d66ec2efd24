"""Answers as tables: CSV and JSON Lines in place of JSON."""

from collections.abc import Sequence

from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import CSV, FORMATS, JSON_LINES, MEDIA, Answer
from budget_monitor.usecases.exports.cells import Row, to_csv, to_json_lines


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
