"""Read costs from CSV or JSON Lines, as `record_costs` takes them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

TEXTS = (
    "entry_id", "occurred_at", "cost_usd", "agent_execution_id", "workflow_execution_id",
    "parent_execution_id", "workflow", "agent", "model", "provider", "user", "service_tier",
    "provider_request_id",
)  # fmt: skip
USAGE = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
COUNTS = ("tokens", *USAGE)
COLUMNS = (*TEXTS, "tags", *COUNTS)
JOINER = " | "


class FileError(Exception):
    """The file cannot be read as costs; the message says where and why."""


@dataclass(frozen=True)
class Row:
    """One cost: the number of its line in the file, and its fields."""

    line: int
    cost: dict[str, Any]


def read_rows(path: Path, tenant_id: str) -> Iterator[Row]:
    """Yield the costs of a `.csv` or `.jsonl` file. Raises FileError.

    A cost without `entry_id` gets one made from its line and content, so that sending the file
    again books nothing twice.
    """
    readers = {".csv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise FileError(f"{path.name}: the name must end with .csv, .jsonl or .ndjson")
    try:
        for line, cost in reader(path):
            yield Row(line, {"entry_id": _id(tenant_id, line, cost), **cost})
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise FileError(f"{path.name}: {fault}") from fault


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        unknown = [name for name in reader.fieldnames or () if name not in COLUMNS]
        if unknown or not reader.fieldnames:
            named = ", ".join(unknown) or "none"
            raise FileError(f"columns are of: {', '.join(COLUMNS)}; unknown: {named}")
        for row in reader:
            if None in row or None in row.values():
                raise FileError(f"line {reader.line_num}: it has more or fewer cells than columns")
            yield reader.line_num, _cost(row, reader.line_num)


def _cost(row: dict[str, str], line: int) -> dict[str, Any]:
    given = {name: text.strip() for name, text in row.items() if text.strip()}
    cost: dict[str, Any] = {name: given[name] for name in TEXTS if name in given}
    if "tags" in given:
        cost["tags"] = given["tags"].split(JOINER)
    counts = {name: _count(given[name], name, line) for name in COUNTS if name in given}
    if "tokens" in counts:
        cost["tokens"] = counts.pop("tokens")
    return {**cost, "usage": counts} if counts else cost


def _count(text: str, name: str, line: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise FileError(f"line {line}: {name} must be a whole number")
    return int(text)


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                cost = json.loads(text, parse_float=str)
            except ValueError as fault:
                raise FileError(f"line {line}: not JSON: {fault}") from fault
            if not isinstance(cost, dict):
                raise FileError(f"line {line}: not a JSON object")
            yield line, cost


def _id(tenant_id: str, line: int, cost: dict[str, Any]) -> str:
    text = json.dumps([tenant_id, line, cost], sort_keys=True)
    return f"backfill-{sha256(text.encode()).hexdigest()[:40]}"
