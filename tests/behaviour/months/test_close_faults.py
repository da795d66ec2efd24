"""A close that is cut off anywhere, repeated, or done by many at once: one statement each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.faults import KilledError
from tests.support.histories.gateway import FAULTS, Wire
from tests.support.memory import at_random
from tests.support.memory.fixture import MemoryCloud
from tests.support.months.closing import alerts, close, money, outcome, statements
from tests.support.thorough import first, share
from tests.support.times import at

TENANTS = ("acme", "globex", "initech")


@pytest.fixture
def tenants(memory_cloud: MemoryCloud) -> list[Tenant]:
    """Three tenants with a November."""
    made = [Tenant(DirectDoor(), one) for one in TENANTS]
    with at("2026-11-10T10:00:00Z"):
        for one in made:
            one.spend("1.25", agent="writer", model="gpt-x")
            one.spend("0.5", agent="critic")
    return made


def all_closed(memory_cloud: MemoryCloud, tenants: list[Tenant]) -> None:
    assert [[one["number"] for one in statements(tenant)] for tenant in tenants] == [[1]] * 3
    assert alerts(memory_cloud) == sorted(["*", *TENANTS])


@pytest.mark.parametrize("fault", first(3, FAULTS))
def test_a_close_that_is_broken_at_any_step_is_finished_by_the_next(
    memory_cloud: MemoryCloud, tenants: list[Tenant], fault: str
) -> None:
    before, broken = money(memory_cloud), 0
    with at("2026-12-02T03:00:00Z"):
        for step in share(range(200), [*FAULTS].index(fault), of=3):
            forget_statements(memory_cloud)
            with pytest.MonkeyPatch.context() as patch:
                wire = Wire(patch)
                wire.expect({step: fault})
                try:
                    close()
                except Exception:  # noqa: BLE001 - the listing itself could not be read
                    broken += 1
                except KilledError:
                    broken += 1
                if wire.attempts <= step:
                    break
            parts_of(Config.from_environment()).policies._read.clear()  # noqa: SLF001
            close()
            all_closed(memory_cloud, tenants)
            assert money(memory_cloud) == before
    assert step > 20


def forget_statements(memory_cloud: MemoryCloud) -> None:
    """As if nobody had closed anything yet."""
    for name in ("BudgetsTable", "AlertsTable"):
        table = memory_cloud.tables[name]
        for row in memory_cloud.database.rows(table):
            memory_cloud.database.execute(
                "DeleteItem", {"TableName": table, "Key": {"pk": row["pk"]}}
            )


def test_many_at_once_write_one_statement_each(
    memory_cloud: MemoryCloud, tenants: list[Tenant]
) -> None:
    memory_cloud.database.conflicts = at_random(seed=5, probability=0.2)
    before = money(memory_cloud)

    with at("2026-12-02T03:00:00Z"), ThreadPoolExecutor(8) as crowd:
        found = list(crowd.map(lambda _: outcome(close()), range(16)))

    assert sum(written for written, _ in found) == 4
    assert all(written + already == 4 for written, already in found)
    with at("2026-12-02T04:00:00Z"):
        all_closed(memory_cloud, tenants)
    assert money(memory_cloud) == before


def test_costs_that_come_while_it_runs_are_in_the_last_statement(
    memory_cloud: MemoryCloud, tenants: list[Tenant]
) -> None:
    acme = tenants[0]

    def spend(number: int) -> None:
        acme.spend("0.01", occurred_at="2026-11-30T20:00:00Z", agent=f"agent-{number % 3}")

    with at("2026-12-02T03:00:00Z"), ThreadPoolExecutor(6) as crowd:
        spending = [crowd.submit(spend, n) for n in range(40)]
        closing = [crowd.submit(close) for _ in range(8)]
        for spent in spending:
            spent.result()
        for closed in closing:
            closed.result()
        assert close()["failed"] == []
        told = statements(acme)

    assert told[0]["spent_usd"] == "2.15"
    assert [one["number"] for one in told] == list(range(len(told), 0, -1))
    sums = [Decimal(one["spent_usd"]) for one in told]
    assert sums == sorted(sums, reverse=True)


def test_books_that_do_not_add_up_are_named_and_closed_when_they_do(
    memory_cloud: MemoryCloud, tenants: list[Tenant]
) -> None:
    table = memory_cloud.tables["AccountsTable"]
    whole = next(
        row
        for row in memory_cloud.database.rows(table)
        if row["pk"]["S"] == "acme#agent#writer#2026-11"
    )
    less = {**whole, "spent": {"N": "1.249999999999"}}
    memory_cloud.database.execute("PutItem", {"TableName": table, "Item": less})
    with at("2026-12-02T03:00:00Z"):
        answer = close()
        assert (answer["statements"], answer["failed"]) == (3, ["acme"])
        memory_cloud.database.execute("PutItem", {"TableName": table, "Item": whole})
        assert outcome(close()) == (1, 3)
        all_closed(memory_cloud, tenants)
