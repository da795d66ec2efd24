"""Section: requests to DynamoDB of reports, pages and exports as the ledger grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.bench.memory import memory_cloud
from local.bench.progress import counted
from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.doors.doors import Context, DirectDoor, handler_of
from tests.support.dynamodb.bulk import put_costs
from tests.support.dynamodb.calls import recorded_calls
from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

ENTRIES = (1_000, 20_000, 200_000)
MONTH, NOW = "2026-10", "2026-10-22T12:00:00Z"
MAX_EXPORTED = 20_000
"""A whole month's export reads every entry; beyond this it takes minutes here."""
REPORTS: dict[str, dict[str, Any]] = {
    "tenant_usage": {},
    "agent_costs": {},
    "model_costs": {},
    "daily_costs": {},
    "user_costs": {},
    "forecast": {},
    "list_executions": {},
    "execution": {"agent_execution_id": "run-1"},
    "ledger": {},
    "ledger, 1,000 a page": {"limit": 1000},
    "ledger as CSV, 1,000 a page": {"limit": 1000, "headers": {"Accept": "text/csv"}},
}
PAGES = {
    "page of the system": "/dashboard",
    "page of a tenant": "/dashboard/tenants/acme",
    "page of a run": "/dashboard/tenants/acme/executions/run-1",
}
EXPORT = "export of a month, a 1,000 entries"


def _requests(cloud: MemoryCloud, count: int) -> Iterator[tuple[str, float]]:
    tenant = Tenant(DirectDoor(), "acme")
    put_costs(cloud, tenant.id, count, month=MONTH)
    for name, fields in REPORTS.items():
        given, operation = dict(fields), name.split()[0].strip(",")
        tenant.call(operation, **given).body  # noqa: B018 - the rules are known from here on
        with recorded_calls() as calls:
            tenant.call(operation, **given).body  # noqa: B018 - must not fail
        yield name, len(calls)
    with pytest.MonkeyPatch.context() as patch:
        MemorySecret().install(patch)
        browser = Browser()
        browser.sign_in()
        for name, path in PAGES.items():
            browser.open(path)
            with recorded_calls() as calls:
                if browser.open(path).status != 200:  # noqa: PLR2004 - HTTP's own
                    raise AssertionError(path)
            yield name, len(calls)


def _exported(count: int) -> float:
    """Return the requests of a month's export for every 1,000 entries of it."""
    with pytest.MonkeyPatch.context() as patch:
        ExportsInMemory().install(patch)
        event = {"operation": "export_month", "tenant_id": "acme", "month": MONTH}
        with recorded_calls() as calls, at("2026-11-22T12:00:00Z"):
            answer = handler_of("resetting")(event, Context())
    if answer["entries"] != count:
        raise AssertionError(answer)
    return round(len(calls) * 1000 / count, 1)


def requests_at(count: int) -> dict[str, float]:
    """Return the requests of each read with so many entries in one tenant's month."""
    with memory_cloud() as cloud:
        with at(NOW):
            found = dict(_requests(cloud, count))
        if count <= MAX_EXPORTED:
            found[EXPORT] = _exported(count)
    return found


def measured(rounds: int) -> dict[str, Any]:
    """Return the requests of each read at each number of entries; one round is enough."""
    del rounds
    return {f"{one:,}": requests_at(one) for one in counted(ENTRIES, "reads")}
