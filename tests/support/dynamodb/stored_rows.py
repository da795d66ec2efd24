"""Rows as a commit wrote them: `python -m tests.support.dynamodb.stored_rows` writes the file.

The file is written once for each form of rows, and then kept: a later version must read it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.environment import CREDENTIALS
from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.fixture import NOWHERE, MemoryCloud
from tests.support.paths import ROOT
from tests.support.times import at

FILE = ROOT / "tests" / "data" / "rows-version-1.json"
WHEN = "2026-11-22T10:00:00Z"
TENANT = "upgraded"
RUN = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1", "agent": "writer"}
WHO = {"by": "maria", "reason": "before the upgrade"}
REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("set_tenant", {"time_zone": "Europe/Berlin", "owner": "olga", **WHO}),
    ("set_budget", {"budget_id": "writer-day", "scope": "agent", "scope_id": "writer",
                    "period": "day", "limit_usd": "50", **WHO}),
    ("raise_limit", {"budget_id": "writer-day", "raise_id": "raise-1", "amount_usd": "5", **WHO}),
    ("set_price", {"model": "own", "input_usd_per_million": "1",
                   "output_usd_per_million": "2", **WHO}),
    ("record_cost", {**RUN, "entry_id": "cost-1", "cost_usd": "1.25", "tags": ["a", "b"]}),
    ("record_cost", {**RUN, "idempotency_key": "key-1", "cost_usd": "0.000001"}),
    ("reserve", {**RUN, "reservation_id": "hold-1", "estimated_cost_usd": "2"}),
    ("reserve", {**RUN, "reservation_id": "hold-2", "estimated_cost_usd": "3"}),
    ("settle", {"reservation_id": "hold-1", "cost_usd": "1.5"}),
    ("adjust", {"entry_id": "cost-1", "adjustment_id": "less-1", "amount_usd": "-0.25", **WHO}),
    ("pause", {"workflow_execution_id": "flow-2", **WHO}),
)  # fmt: skip
"""Requests of each kind that writes; the same again must be replayed."""


def load(cloud: MemoryCloud) -> None:
    """Put the rows of the file into the cloud's tables."""
    for name, rows in json.loads(FILE.read_text()).items():
        for row in rows:
            cloud.client.execute("PutItem", {"TableName": cloud.tables[name], "Item": row})


def main() -> None:
    """Run the requests on empty tables, and write what is stored then."""
    with pytest.MonkeyPatch.context() as patch, at(WHEN, tick=False):
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": NOWHERE}.items():
            patch.setenv(name, value)
        database = MemoryDynamoDB()
        database.install(patch)
        cloud = MemoryCloud(database, patch)
        tenant = Tenant(DirectDoor(), TENANT)
        for operation, fields in REQUESTS:
            answer = tenant.call(operation, **fields)
            assert answer.error is None, (operation, answer)
        FILE.write_text(json.dumps(cloud.rows(), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
