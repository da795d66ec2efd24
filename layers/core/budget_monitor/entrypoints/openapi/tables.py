"""Answers that may also be CSV or JSON Lines."""

from budget_monitor.entrypoints.door.operations import CSV, FORMATS, JSON_LINES
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.schemas import CURSOR, TEXT, Schema, shape

FORMAT = read(
    "choice",
    "format",
    "`csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or "
    "`Accept: application/x-ndjson`. The header `x-next-cursor` then has the cursor.",
    FORMATS,
)


def or_table(*answers: Schema) -> Schema:
    """These answers, or the same as a text."""
    texts = [shape({form: TEXT, "cursor": CURSOR}) for form in (CSV, JSON_LINES)]
    return {"anyOf": [*answers, *texts]}
