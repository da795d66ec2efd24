"""The files of an exported month: parts of three data sets, and their lines in the manifest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.ports.exports import (
    FOCUS,
    LEDGER_CSV,
    LEDGER_JSON,
    MANIFESTS,
    ExportFiles,
    folder_of,
)
from budget_monitor.usecases.exports.cells import Row, to_csv, to_json_lines
from budget_monitor.usecases.exports.focus_columns import (
    FOCUS_COLUMNS,
    BillingPeriod,
    focus_row,
)
from budget_monitor.usecases.exports.ledger_columns import COLUMNS, ledger_row

_CSV, _JSON = "text/csv", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One kind of file: its folder, its form, and how an entry becomes a row."""

    name: str
    media: str
    columns: Sequence[str]
    row: Callable[[Entry, BillingPeriod], Row]
    only_counted: bool = False

    def rows(self, entries: Iterable[Entry], period: BillingPeriod) -> list[Row]:
        """Return the rows of these entries; FOCUS leaves out those that wait for a review."""
        shown = [one for one in entries if not (self.only_counted and one.quarantined)]
        return [self.row(one, period) for one in shown]

    def text(self, rows: Sequence[Row]) -> str:
        """Return the rows as a file."""
        return to_csv(self.columns, rows) if self.media == _CSV else to_json_lines(rows)

    def key(self, tenant_id: str, month: str, part: int) -> str:
        """Return the name of a part in the bucket."""
        ending = "csv" if self.media == _CSV else "jsonl"
        return f"{folder_of(self.name, tenant_id)}month={month}/part-{part:05}.{ending}"


DATA_SETS = (
    DataSet(LEDGER_CSV, _CSV, COLUMNS, lambda entry, _: ledger_row(entry)),
    DataSet(LEDGER_JSON, _JSON, COLUMNS, lambda entry, _: ledger_row(entry)),
    DataSet(FOCUS, _CSV, FOCUS_COLUMNS, focus_row, only_counted=True),
)


def manifest_key(tenant_id: str, month: str) -> str:
    """Return the key of a month's manifest, outside of the folders that Athena reads."""
    return f"{folder_of(MANIFESTS, tenant_id)}month={month}/manifest.json"


def write_part(
    files: ExportFiles, entries: Sequence[Entry], period: BillingPeriod, place: tuple[str, int]
) -> list[dict[str, Any]]:
    """Write the files of one part. Return the manifest's line of each."""
    tenant_id, part = place
    written = []
    for kind in DATA_SETS:
        rows = kind.rows(entries, period)
        key = kind.key(tenant_id, period.month, part)
        written.append(_written(files, kind, key, rows))
    return written


def empty_rest(
    files: ExportFiles, before: Mapping[str, Any] | None, written: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Empty the surplus parts of an earlier, longer export, so that nothing is read twice."""
    now = {one["key"] for one in written}
    left = [one for one in (before or {}).get("files", ()) if one["key"] not in now]
    kinds = {kind.name: kind for kind in DATA_SETS}
    return [_written(files, kinds[one["data_set"]], one["key"], []) for one in left]


def _written(files: ExportFiles, kind: DataSet, key: str, rows: Sequence[Row]) -> dict[str, Any]:
    data = kind.text(rows).encode()
    files.put(key, data, kind.media)
    return {
        "key": key,
        "data_set": kind.name,
        "rows": len(rows),
        "bytes": len(data),
        "sha256": sha256(data).hexdigest(),
    }
