"""Reports of a reconciliation: what a report without differences and skipped accounts says."""

from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, Move, tenant_key
from budget_monitor.usecases.reconcile.differences import (
    CLOCKS_APART,
    COMMIT_WITHIN,
    INDEX_LAG,
    Difference,
    Report,
    Skipped,
)

ACME = tenant_key("acme", "2026-11")


def test_a_report_without_findings_is_complete_and_has_no_age() -> None:
    report = Report("acme", "2026-11", 7, [])
    assert (report.complete, report.rebuilt) == (True, False)
    assert (report.age.total_seconds(), report.skipped, report.not_compared) == (0, (), ())


def test_a_difference_says_what_a_rebuild_would_add() -> None:
    found = Move(spent=Decimal(3), entries=1)
    one = Difference(ACME, Move(spent=Decimal(5), entries=2), found, as_found=Account(ACME, found))
    assert one.expected - one.found == Move(spent=Decimal(2), entries=1)
    assert one.committed_off == 0


def test_an_account_that_was_never_compared_has_no_time() -> None:
    assert Skipped(ACME, "it changed").last_compared_at is None


def test_a_commit_takes_longer_than_an_index_lags_and_clocks_differ_least() -> None:
    assert CLOCKS_APART < INDEX_LAG < COMMIT_WITHIN
