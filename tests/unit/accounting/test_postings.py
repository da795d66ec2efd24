"""Postings: what each kind of transaction does to each account."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Move, WorkflowTerms, workflow_key
from budget_monitor.usecases.accounting.postings import changing_terms, rebuilding

FLOW = workflow_key("acme", "flow-1")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
RUNNING, PAUSED = WorkflowTerms(), WorkflowTerms(pause=1, limit=Decimal(80))


def test_a_pause_asserts_the_terms_before_and_writes_those_after_and_no_money() -> None:
    (posting,) = changing_terms(FLOW, RUNNING, PAUSED, NOW).values()
    assert (posting.terms, posting.new_terms, posting.move) == (RUNNING, PAUSED, Move())


def test_the_same_terms_need_no_posting() -> None:
    assert changing_terms(FLOW, PAUSED, PAUSED, NOW) == {}


def test_a_rebuild_adds_what_is_missing_and_keeps_the_limit_of_the_account() -> None:
    missing = Move(spent=Decimal("0.5"))
    (posting,) = rebuilding(FLOW, missing, Decimal("0.1"), None).values()
    assert posting.follows
    assert posting.change == Decimal("0.6")
