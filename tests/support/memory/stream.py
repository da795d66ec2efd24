"""The stream of a table in memory: the records that the function would receive."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.tables import Key, Table
from tests.support.memory.values.values import Item, outward_item
from tests.support.template.template import resources

Record = dict[str, Any]


def template_filters() -> list[Any]:
    """Return the template's filter patterns of the accounts' stream."""
    stream = resources("AWS::Serverless::Function")["AlertingFunction"]["Events"]["Accounts"]
    filters = stream["Properties"]["FilterCriteria"]["Filters"]
    return [json.loads(one["Pattern"]) for one in filters]


def passes(record: Any, pattern: Any) -> bool:
    """True if the record passes Lambda's event filter: every leaf has one of the listed values."""
    if isinstance(pattern, list):
        return record in pattern
    return isinstance(record, dict) and all(
        name in record and passes(record[name], inner) for name, inner in pattern.items()
    )


class Stream:
    """Records every change of the accounts table with both images."""

    def __init__(self, cloud: MemoryCloud, patch: pytest.MonkeyPatch) -> None:
        self.records: list[Record] = []
        self._taken = 0
        self._lock = threading.Lock()
        put = Table.put

        def noted(table: Table, key: Key, item: Item | None, write: int) -> None:
            before = table.rows.get(key)
            put(table, key, item, write)
            if table.name == cloud.tables["AccountsTable"] and before != item:
                self._note(key, before, item)

        patch.setattr(Table, "put", noted)

    def _note(self, key: Key, before: Item | None, after: Item | None) -> None:
        with self._lock:
            change: Record = {
                "SequenceNumber": str(len(self.records) + 1),
                "Keys": {"pk": {"S": key[0]}},
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            }
            if before is not None:
                change["OldImage"] = outward_item(before)
            if after is not None:
                change["NewImage"] = outward_item(after)
            name = "REMOVE" if after is None else "MODIFY" if before else "INSERT"
            self.records.append({"eventName": name, "dynamodb": change})

    def taken(self) -> list[Record]:
        """Return the records that passed the template's filter since the last call."""
        with self._lock:
            new, self._taken = self.records[self._taken :], len(self.records)
        return [one for one in new if any(passes(one, each) for each in template_filters())]
