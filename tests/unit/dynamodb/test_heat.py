"""Which tenants are hot: 20 conflicts of one process in one minute, on rows that may grow."""

from __future__ import annotations

from datetime import timedelta

from budget_monitor.adapters.dynamodb.heat import Heat
from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.striping import Striping
from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    execution_key,
    system_key,
    tenant_key,
)
from budget_monitor.domain.accounting.growth import Growth
from tests.support.times import instant

NOW = instant("2026-11-30T10:00:20Z")
ACME = tenant_key("acme", "2026-11")
SYSTEM_ROW = system_key("2026-11")


def hot(heat: Heat, conflicts: int, *rows: AccountKey, seconds: float = 0) -> list[tuple[str, int]]:
    busy = dict.fromkeys(rows, conflicts)
    return list(heat.hot(busy, NOW + timedelta(seconds=seconds)))


def test_the_20th_conflict_of_a_minute_makes_a_tenant_hot_once() -> None:
    heat = Heat(Striping(Layout(system=16)))
    assert hot(heat, 19, ACME) == []
    assert hot(heat, 1, ACME) == [("acme", 1)]
    assert hot(heat, 50, ACME) == []
    assert hot(heat, 20, ACME, seconds=60) == [("acme", 1)]


def test_conflicts_at_two_moments_of_a_minute_are_added() -> None:
    heat = Heat(Striping(Layout()))
    assert hot(heat, 19, ACME) == []
    assert hot(heat, 1, ACME, seconds=39.5) == [("acme", 1)]


def test_conflicts_of_two_minutes_are_not_added() -> None:
    heat = Heat(Striping(Layout()))
    assert hot(heat, 19, ACME) == []
    assert hot(heat, 19, ACME, seconds=60) == []


def test_a_conflict_on_several_rows_of_a_tenant_counts_once() -> None:
    day = tenant_key("acme", "2026-11-30")
    heat = Heat(Striping(Layout()))
    assert hot(heat, 19, ACME, day) == []
    assert hot(heat, 20, ACME, day) == [("acme", 1)]


def test_the_system_and_its_tenants_are_counted_apart() -> None:
    heat = Heat(Striping(Layout(system=16)))
    assert hot(heat, 20, ACME, SYSTEM_ROW) == [("acme", 1), ("*", 16)]


def test_rows_of_runs_and_rows_that_cannot_grow_do_not_count() -> None:
    heat = Heat(Striping(Layout(system=32)))
    of_runs = AccountKey("acme", "budget", "nightly", "run")
    labelled = AccountKey("acme", "labelled", "user", "2026-11")
    rows = (execution_key("acme", "run-1"), SYSTEM_ROW, of_runs, labelled)
    assert [hot(heat, 99, one) for one in rows] == [[], [], [], []]


def test_an_account_that_opened_before_the_last_growth_does_not_count() -> None:
    layout = Layout()
    striping = Striping(layout)
    layout.grow("acme", Growth(stripes=4))
    assert hot(Heat(striping), 20, ACME) == [("acme", 4)]

    striping.learn({ACME: Account(ACME, seen=True)})  # a single row, without a level

    assert hot(Heat(striping), 99, ACME) == []


def test_a_conflict_on_any_row_counts_for_its_account() -> None:
    layout = Layout()
    striping = Striping(layout)
    layout.grow("acme", Growth(stripes=16))
    third = ACME._replace(stripe=2)
    assert hot(Heat(striping), 20, third) == [("acme", 16)]

    striping.learn({ACME: Account(ACME, level="4/10/under", seen=True)})

    assert hot(Heat(striping), 20, third) == []
