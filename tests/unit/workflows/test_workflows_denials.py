"""What tokens wait for: a person, a budget's money, or the answer to a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.workflows import (
    WAITS,
    Denial,
    WorkflowState,
    callback_of,
    callback_token,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DENIED, OTHER = Denial("q1", "bo", "too dear"), Denial("q2", "ana", "not now")
OF_BUDGET = WorkflowState().pause("budget", "over", NOON, "flow-limit", "role/a")
WAITING = WorkflowState().wait("t1", None, "flow", "waits", NOON).asks("t1", "q1")


def test_a_pause_keeps_its_cause_and_its_signer_and_a_resume_ends_the_cause() -> None:
    paused = WorkflowState().pause("budget", "over", NOON, "flow-limit", "role/a")
    assert (paused.cause, paused.principal) == ("flow-limit", "role/a")
    resumed = paused.resume("ana", "fine", NOON, None, "role/b")
    assert (resumed.cause, resumed.principal, resumed.paused) == (None, "role/b", False)
    assert WorkflowState().pause("ana", "x", NOON).cause is None


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (OF_BUDGET, True),
        (WAITING, True),
        (WorkflowState().pause("budget", "over", NOON, "other-limit"), False),
        (WorkflowState().pause("ana", "stop", NOON), False),
        (OF_BUDGET.resume("ana", "fine", NOON, None), False),
    ],
)
def test_a_workflow_waits_for_a_budgets_money_if_it_or_a_waiting_state_machine_paused_it(
    state: WorkflowState, *, waits: bool
) -> None:
    assert state.waits_for_money("flow-limit") is waits


def test_a_resume_ends_all_questions_of_tokens() -> None:
    assert WAITING.asking == {"t1": "q1"}
    resumed = WAITING.resume("ana", "fine", NOON, None)
    assert (resumed.waking, resumed.asking, resumed.denials) == (("t1",), {}, {})


def test_only_a_waiting_token_asks_and_it_asks_beside_others() -> None:
    both = WAITING.wait("t2", None, "flow", "waits", NOON).asks("t2", "q2")
    assert both.asking == {"t1": "q1", "t2": "q2"}
    assert (both.pauses, both.waiting) == (1, ("t1", "t2"))
    assert both.asks("t3", "q3") is both


def test_a_denial_ends_the_wait_of_its_tokens_and_the_pause_that_they_made() -> None:
    denied = WAITING.deny(DENIED, NOON + timedelta(hours=1), "role/b")
    assert denied == WorkflowState(
        pauses=1,
        by="bo",
        reason="too dear",
        at="2026-11-22T13:00:00Z",
        principal="role/b",
        waking=("t1",),
        denials={"t1": DENIED},
    )


def test_a_denial_leaves_a_pause_that_another_token_still_waits_in() -> None:
    both = WAITING.wait("t2", None, "flow", "waits", NOON).asks("t2", "q2")
    woken = replace(both, waking=("t0",), denials={"t0": OTHER})
    left = woken.deny(DENIED, NOON, "role/b")
    assert left == replace(
        woken,
        waiting=("t2",),
        waking=("t0", "t1"),
        asking={"t2": "q2"},
        denials={"t0": OTHER, "t1": DENIED},
    )
    assert left.deny(OTHER, NOON, None).paused is False


def test_a_denial_leaves_a_pause_of_a_budget_or_of_a_person() -> None:
    asking = OF_BUDGET.wait("t1", None, "flow", "waits", NOON).asks("t1", "q1")
    left = asking.deny(DENIED, NOON, "role/b")
    assert (left.paused, left.cause, left.by) == (True, "flow-limit", "budget")
    assert (left.waiting, left.waking, left.asking) == ((), ("t1",), {})


def test_a_denial_that_no_token_waits_for_changes_nothing() -> None:
    assert WAITING.deny(OTHER, NOON, None) is WAITING
    paused = OF_BUDGET.wait("t1", None, "flow", "waits", NOON)
    assert paused.deny(DENIED, NOON, None) is paused


def test_a_token_that_comes_after_the_answer_is_due_at_once_with_its_denial() -> None:
    first = WorkflowState().wakes("t1", DENIED)
    assert (first.waking, first.denials) == (("t1",), {"t1": DENIED})
    both = first.wakes("t2")
    assert (both.waking, both.denials) == (("t1", "t2"), {"t1": DENIED})
    third = both.wakes("t3", OTHER)
    assert third.denials == {"t1": DENIED, "t3": OTHER}
    assert third.wakes("t2", OTHER) is third


def test_a_denial_is_forgotten_when_its_callback_was_sent() -> None:
    due = WorkflowState().wakes("t1", DENIED).wakes("t2", OTHER)
    assert due.with_woken(("t1",)).denials == {"t2": OTHER}


def test_a_limit_of_5_usd_leaves_a_paused_workflow_paused() -> None:
    limited = OF_BUDGET.limited(Decimal(5))
    assert limited == replace(OF_BUDGET, limit=Decimal(5))
    assert limited.paused


def test_cause_signer_questions_and_denials_are_stored_and_read_back() -> None:
    state = replace(OF_BUDGET, version=4, asking={"t1": "q1"}, denials={"t2": DENIED})
    dumped = state.dump()
    assert (dumped["cause"], dumped["principal"]) == ("flow-limit", "role/a")
    assert dumped["asking"] == {"t1": "q1"}
    assert dumped["denials"] == {"t2": {"request_id": "q1", "by": "bo", "reason": "too dear"}}
    assert WorkflowState.load(4, dumped) == state
    absent = {"cause", "principal", "asking", "denials"}
    assert not absent & WorkflowState().dump().keys()


def test_a_state_machine_that_waits_is_the_cause_of_its_pause() -> None:
    assert WorkflowState().wait("t1", None, "flow", "waits", NOON).cause == WAITS


def test_a_callback_is_told_from_a_task_token_by_its_prefix() -> None:
    assert callback_token("c1") == "callback:c1"
    assert callback_of("callback:c1") == "c1"
    assert callback_of("task-token") is None
