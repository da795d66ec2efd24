"""What a page costs: as many requests for 100,000 entries as for 100."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.values.values import Item
from tests.support.thorough import size
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"
RUN = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}


def add_entries(cloud: MemoryCloud, tenant: Tenant, count: int) -> None:
    """Copy the tenant's first entry, as a ledger of many calls has them."""
    rows = [one for one in cloud.rows()["LedgerTable"] if tenant.id in one["pk"]["S"]]
    first = max(rows, key=lambda one: one["entry_id"]["S"])
    text, entry_id = first["position"]["S"], first["entry_id"]["S"]
    copies = list[Item]()
    for number in range(count):
        name = f"copy-{number:06}"
        own = {"pk": {"S": first["pk"]["S"].replace(entry_id, name)}}
        own |= {"position": {"S": text.replace(entry_id, name)}, "entry_id": {"S": name}}
        copies.append(first | own)
    cloud.database.put_rows(cloud.tables["LedgerTable"], copies)


def requests_of(browser: Browser, tenant: Tenant) -> list[list[str]]:
    """The DynamoDB requests of each page of a tenant and of the system, with rules in memory."""
    home, found = f"/dashboard/tenants/{tenant.id}", list[list[str]]()
    for path in ("/dashboard", home, f"{home}/executions/run-1", f"{home}/workflows/flow-1"):
        browser.open(path)
        with recorded_calls() as calls:
            assert browser.open(path).status == 200
        found.append(calls.operations)
    return found


def test_a_page_of_many_thousand_entries_costs_the_requests_of_one_of_100(
    browser: Browser, memory_cloud: MemoryCloud
) -> None:
    tenant = Tenant(DirectDoor())
    with at(NOON, tick=False):
        tenant.spend("1", agent="writer", model="gpt-4o", **RUN)
        add_entries(memory_cloud, tenant, 100)
        browser.sign_in()
        few = requests_of(browser, tenant)
        add_entries(memory_cloud, tenant, size(4_000, 100_000))
        many = requests_of(browser, tenant)
    assert many == few
    system, home, execution, workflow = map(len, few)
    assert system <= 30  # 16 of them are the lists of tenants by spend
    assert max(execution, workflow) <= 25
    assert home <= 45
