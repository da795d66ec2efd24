"""Writes docs/MODELS.md from the tests: `make reference`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from genai_prices import __version__

from budget_monitor.adapters.published_prices.corrections import ADDED, ALIASES, DATES, FACTORS
from tests.support.paths import ROOT
from tests.support.prices.usage_forms import FORMS, HALVES

OBJECTS = ROOT / "tests" / "behaviour" / "prices" / "data" / "usage-objects.jsonl"
DOCUMENT = ROOT / "docs" / "MODELS.md"
DATE = "Tried on "
"""Begins the line with the day on which the document was written."""


def body() -> str:
    """The document, but for the line with its date."""
    return "\n".join(
        [
            f"Price list: genai-prices {__version__}, data of {DATES[__version__].isoformat()}.",
            "",
            "## Usage objects with the cost that each is booked at",
            "",
            "From `tests/behaviour/prices/test_usage_objects.py`, at both doors.",
            "",
            "| object | provider | model | USD |",
            "|---|---|---|---|",
            *_objects(),
            "",
            "## Forms of frameworks and clouds",
            "",
            "From `tests/unit/prices/test_usage_forms.py`.",
            "",
            "| form | counts |",
            "|---|---|",
            *(f"| {name} | {', '.join(counts)} |" for name, (_, _, counts) in FORMS.items()),
            *(f"| {name} | refused: the stream has not ended |" for name in HALVES),
            "",
            "## Corrections to the price list",
            "",
            "| provider | what | source | checked |",
            "|---|---|---|---|",
            *_corrections(),
            "",
        ]
    )


def _objects() -> list[str]:
    cases = [json.loads(line) for line in OBJECTS.read_text().splitlines()]
    return [
        f"| {one['name']} | {one.get('provider') or ''} | {one.get('model') or ''} "
        f"| {one['expected_usd']} |"
        for one in cases
    ]


def _corrections() -> list[str]:
    rows = [(a.provider, f"`{a.name}` is `{a.model}`", a.source, a.checked) for a in ALIASES]
    rows += [
        (a.provider, f"`{a.model}`: {a.usd} USD for {a.per} {a.unit}", a.source, a.checked)
        for a in ADDED
    ]
    rows += [
        (
            f.provider,
            f"{' '.join(f.condition)}: {f.factor} of the standard price",
            f.source,
            f.checked,
        )
        for f in FACTORS
    ]
    return [f"| {a} | {b} | {c} | {d.isoformat()} |" for a, b, c, d in rows]


def written(document: Path = DOCUMENT) -> str:
    """The document as it is, but for the line with its date."""
    lines = document.read_text().splitlines()
    return "\n".join(one for one in lines[2:] if not one.startswith(DATE)).lstrip("\n") + "\n"


if __name__ == "__main__":
    day = datetime.now(UTC).date().isoformat()
    title = "# Models and usage objects that were tried"
    head = f"{title}\n\n{DATE}{day}. Written by `make reference`.\n\n"
    DOCUMENT.write_text(head + body())
