"""CSV by RFC 4180 and JSON Lines, safe to open in a spreadsheet."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from budget_monitor.domain.money import render

Row = Mapping[str, Any]
"""A row: texts, numbers as `Decimal` or `int`, lists of texts, None."""

CURRENCY = "USD"
JOINER = " | "
"""Between tags and between flags. It separates no columns in any locale."""
_FORMULA = "=+@\uff1d\uff0b\uff0d\uff20-"
"""Signs that begin a formula, full-width ones too: some spreadsheets read them alike."""
_BEGINS = re.compile(rf"((?:^|[,;\t|\n\r])\s*)(?=[{_FORMULA}])|^(?=[\t\r])")
"""Where such a sign counts: at the start, and after separators of other locales."""


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a header and one line per row.

    A text that a spreadsheet would read as a formula gets a leading apostrophe. Numbers never do.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def to_json_lines(rows: Iterable[Row]) -> str:
    """Return one JSON object per line. Amounts are decimal strings."""
    return "".join(f"{json.dumps(row, default=_text)}\n" for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        value = JOINER.join(value)
    if isinstance(value, str):
        return _BEGINS.sub(lambda found: f"{found[1] or ''}'", value)
    return "" if value is None else _text(value)


def _text(value: object) -> str:
    return render(value) if isinstance(value, Decimal) else str(value)
