"""The stored state of a workflow: pause, resume, wait, dump and load."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from budget_monitor.domain.accounting.accounts import WorkflowTerms
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.workflows import MAX_WAITING, WorkflowState, hashed, workflow_document

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
STATE = WorkflowState(
    version=3,
    pauses=2,
    paused=True,
    limit=Decimal("5.50"),
    by="ana",
    reason="dear",
    at="at noon",
    waiting=("t1",),
    waking=("t2",),
    woken=("t3",),
    resumed_early=True,
)


def test_what_was_decided_about_a_run_is_kept_as_it_was() -> None:
    dumped = {
        "pauses": 2,
        "paused": True,
        "limit_usd": "5.5",
        "by": "ana",
        "reason": "dear",
        "at": "at noon",
        "waiting": ["t1"],
        "waking": ["t2"],
        "woken": ["t3"],
        "unclaimed": True,
    }
    assert STATE.dump() == dumped
    assert WorkflowState.load(3, dumped) == STATE
    with pytest.raises(ValidationError) as refused:
        WorkflowState.load(3, dumped | {"limit_usd": "some"})
    assert refused.value.field == "limit_usd"


def test_a_pause_and_its_end_say_who_decided_them_when_and_why() -> None:
    paused = replace(STATE, paused=False).pause("bo", "too dear", NOON)
    assert (paused.by, paused.reason, paused.at) == ("bo", "too dear", "2026-11-22T12:00:00Z")
    assert paused.resumed_early is False
    assert paused.terms == WorkflowTerms(3, Decimal("5.50"))
    resumed = paused.resume("ana", "fine", LATER, None)
    assert (resumed.by, resumed.reason, resumed.at) == ("ana", "fine", "2026-11-22T13:00:00Z")


def test_a_waiter_pauses_with_its_own_reason() -> None:
    waiting = WorkflowState().wait("t1", None, "flow", "over its limit", NOON)
    assert (waiting.by, waiting.reason, waiting.at) == (
        "flow",
        "over its limit",
        "2026-11-22T12:00:00Z",
    )


def test_a_run_that_goes_on_and_gets_a_new_limit_is_claimed_or_not_as_before() -> None:
    running = WorkflowState(pauses=1)
    assert running.resume("ana", "more", NOON, Decimal(9)).resumed_early is False
    assert (
        replace(running, resumed_early=True).resume("a", "b", NOON, Decimal(9)).resumed_early
        is True
    )


def test_a_wait_for_an_ended_pause_ends_at_once_and_one_for_a_present_pause_waits() -> None:
    paused = WorkflowState().pause("ana", "dear", NOON)
    assert paused.wait("t1", 1, "flow", "waits", NOON).waiting == ("t1",)
    again = paused.resume("ana", "fine", NOON, None).pause("ana", "dear", NOON)
    gone = replace(again, resumed_early=True).wait("t1", 1, "flow", "waits", NOON)
    assert (gone.waking, gone.waiting, gone.resumed_early) == (("t1",), (), False)


def test_a_pause_that_never_was_and_one_branch_too_many_are_refused_in_words() -> None:
    with pytest.raises(ValidationError, match=r"^this workflow has no pause with pause_id 1$"):
        WorkflowState().wait("t1", 1, "flow", "waits", NOON)
    full = WorkflowState(waiting=tuple(f"t{n}" for n in range(MAX_WAITING)))
    with pytest.raises(
        ConflictError, match=r"^this workflow has reached its maximum of 100 waiting branches$"
    ):
        full.wait("one more", None, "flow", "waits", NOON)


def test_a_run_has_a_document_and_a_token_a_short_name() -> None:
    assert workflow_document("acme", "w1") == DocumentKey("acme", "workflow", "w1")
    assert hashed("t1") == sha256(b"t1").hexdigest()[:16]
