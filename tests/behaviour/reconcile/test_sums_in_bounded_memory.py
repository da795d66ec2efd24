"""A tenant of a million entries is compared in 256 MB: sums are kept, entries are not."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest

from budget_monitor.usecases.reconcile import compare_tenant, reads
from tests.support.dynamodb.long_ledger import DAYS, NOW, LongLedger, reconciling

MB = 1024 * 1024
OF_ALL, OF_IMPORTS = 256 * MB, 100 * MB
"""What a comparison may take, and what a function takes that has only just begun, generously."""
A_MILLION = 1_000_000
OTHERS = DAYS + 4
"""The accounts that are no runs: the days, the month, the agent, the model and what came late."""
LONG_AGO = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that are full in a short ledger as in a long one."""
    monkeypatch.setattr(reads, "PAGE", 50)


def peak_of(ledger: LongLedger, accounts: int) -> int:
    """The most memory that comparing it takes at once; it is found equal."""
    tracemalloc.start()
    try:
        report = reconciling(ledger).tenant("acme", "2026-11")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    of_labels = 15
    assert report.accounts == accounts + of_labels
    assert (report.differences, report.skipped) == ([], [])
    assert ledger.read == ledger.count
    return peak


def fill_caches() -> None:
    """Fill the bounded caches of keys, which are not the memory of one run.

    Without it the result would depend on the tests before. The second time replaces keys that the
    caches kept from the first.
    """
    for _ in range(2):
        reconciling(LongLedger(1_100, 1_100, recorded_at=LONG_AGO)).tenant("acme", "2026-11")


def test_a_further_entry_takes_no_memory_and_a_further_run_less_than_600_bytes() -> None:
    fill_caches()
    few = peak_of(LongLedger(1_000, 10, recorded_at=LONG_AGO), 10 + OTHERS)
    more = peak_of(LongLedger(2_000, 10, recorded_at=LONG_AGO), 10 + OTHERS)
    runs = peak_of(LongLedger(4_000, 4_000, recorded_at=LONG_AGO), 4_000 + OTHERS)

    of_an_entry, of_a_run = (more - few) / 1_000, (runs - more) / 3_990
    assert of_an_entry < 10
    assert of_a_run < 600
    a_million_entries = few + A_MILLION * of_an_entry + compare_tenant.MAX_KEPT * of_a_run
    assert a_million_entries < OF_ALL - OF_IMPORTS


@pytest.mark.thorough
def test_entries_of_this_moment_are_remembered_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("budget_monitor.usecases.reconcile.sums.MAX_YOUNG", 500)
    few = peak_of(LongLedger(2_000, 10, recorded_at=NOW), 10 + OTHERS)
    more = peak_of(LongLedger(6_000, 10, recorded_at=NOW), 10 + OTHERS)
    assert (more - few) / 4_000 < 10


@pytest.mark.thorough
def test_runs_that_are_complete_make_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_tenant, "MAX_KEPT", 500)
    few = peak_of(LongLedger(2_000, 1_000, recorded_at=LONG_AGO), 1_000 + OTHERS)
    more = peak_of(LongLedger(6_000, 3_000, recorded_at=LONG_AGO), 3_000 + OTHERS)
    assert (more - few) / 4_000 < 10


def test_runs_that_are_too_many_at_once_are_said_to_be_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compare_tenant, "MAX_KEPT", 500)
    ledger = LongLedger(4_000, 1_000, recorded_at=LONG_AGO)
    in_turn = ledger.entry

    # Each run goes on all month: none is complete before the last day.
    monkeypatch.setattr(ledger, "entry", lambda number: in_turn(number % 1000 * 4 + number // 1000))
    monkeypatch.setattr(ledger, "per_day", 1000)
    report = reconciling(ledger).tenant("acme", "2026-11")

    assert not report.differences
    assert [one.reason for one in report.skipped] == [compare_tenant.TOO_MANY]
    assert report.accounts < 1_000
