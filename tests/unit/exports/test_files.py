"""The files of a month: their names, digests, and what a shorter export leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from budget_monitor.usecases.exports.files import (
    DATA_SETS,
    empty_rest,
    manifest_key,
    write_part,
)
from budget_monitor.usecases.exports.focus_columns import BillingPeriod

OCTOBER = BillingPeriod(
    "2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
)


class Folder:
    """Files in memory."""

    def __init__(self) -> None:
        self.files = dict[str, bytes]()

    def put(self, key: str, data: bytes, media: str) -> None:
        assert media in {one.media for one in DATA_SETS}
        self.files[key] = data

    def get(self, key: str) -> bytes | None:
        return self.files.get(key)


def test_a_part_is_a_file_of_each_data_set_by_tenant_and_month() -> None:
    folder = Folder()
    written = write_part(folder, [], OCTOBER, ("acme", 3))

    assert [one["key"] for one in written] == [
        "ledger_csv/tenant=acme/month=2026-10/part-00003.csv",
        "ledger_json/tenant=acme/month=2026-10/part-00003.jsonl",
        "focus/tenant=acme/month=2026-10/part-00003.csv",
    ]
    for one in written:
        assert one["sha256"] == sha256(folder.files[one["key"]]).hexdigest()


def test_the_manifest_is_in_no_folder_that_athena_reads() -> None:
    key = manifest_key("acme", "2026-10")
    assert not key.startswith(tuple(one.name for one in DATA_SETS))


def test_parts_of_a_longer_export_before_are_emptied() -> None:
    folder = Folder()
    longer = [write_part(folder, [], OCTOBER, ("acme", part)) for part in (0, 1)]
    before = {"files": [*longer[0], *longer[1]]}
    now = write_part(folder, [], OCTOBER, ("acme", 0))
    emptied = empty_rest(folder, before, now)

    assert [one["rows"] for one in emptied] == [0, 0, 0]
    assert all("part-00001" in one["key"] for one in emptied)
    assert empty_rest(folder, None, now) == []
