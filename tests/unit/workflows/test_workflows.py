"""What was decided about a workflow run: pauses, resumptions, and who waits."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import WorkflowTerms
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.workflows import MAX_WAITING, WorkflowState, hashed

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NEW = WorkflowState()


def paused(run: WorkflowState = NEW) -> WorkflowState:
    return run.pause("maria", "too dear", NOW)


def resumed(run: WorkflowState, limit: str | None = None) -> WorkflowState:
    return run.resume("jose", "fine", NOW, None if limit is None else Decimal(limit))


def waiting(run: WorkflowState, token: str, pause_id: int | None = None) -> WorkflowState:
    return run.wait(token, pause_id, "state machine", "waits", NOW)


def test_pausing_twice_is_pausing_once() -> None:
    once = paused()
    assert (once.paused, once.pauses, once.by) == (True, 1, "maria")
    assert once.pause("jose", "me too", NOW) is once


def test_every_pause_has_a_number_of_its_own() -> None:
    assert paused(resumed(paused())).pauses == 2


def test_resuming_a_run_that_goes_on_changes_nothing_but_its_limit() -> None:
    run = resumed(paused())
    assert resumed(run) is run
    assert resumed(run, "5").limit == 5
    assert resumed(resumed(run, "5"), "5.00") == resumed(run, "5")


def test_a_limit_outlives_later_pauses_and_resumptions() -> None:
    assert resumed(paused(resumed(paused(), "70"))).limit == 70


def test_a_waiter_pauses_and_is_called_back_by_the_next_resumption() -> None:
    run = waiting(NEW, "token")
    assert (run.paused, run.by, run.waiting, run.waking) == (True, "state machine", ("token",), ())
    after = resumed(run)
    assert (after.waiting, after.waking, after.resumed_early) == ((), ("token",), False)


def test_a_token_that_comes_again_changes_nothing_in_any_state() -> None:
    run = waiting(NEW, "token")
    assert waiting(run, "token") is run
    going_on = resumed(run)
    assert waiting(going_on, "token") is going_on
    told = going_on.with_woken(("token",))
    assert waiting(told, "token") is told
    assert told.woken == (hashed("token"),)


@pytest.mark.parametrize("pause_id", [None, 1])
def test_a_resumption_before_the_token_lets_it_go_on(pause_id: int | None) -> None:
    run = waiting(resumed(paused()), "token", pause_id)
    assert (run.paused, run.waiting, run.waking) == (False, (), ("token",))


def test_a_second_token_without_a_pause_id_waits_for_a_person_of_its_own() -> None:
    run = waiting(waiting(resumed(paused()), "first"), "second")
    assert (run.paused, run.pauses, run.waiting) == (True, 2, ("second",))


def test_a_limit_given_after_the_resumption_does_not_keep_who_comes_late() -> None:
    run = waiting(resumed(resumed(paused()), "70"), "token")
    assert (run.paused, run.waking) == (False, ("token",))


def test_a_new_pause_cancels_a_resumption_without_waiters() -> None:
    assert waiting(paused(resumed(paused())), "token").waiting == ("token",)


def test_who_waited_out_an_older_pause_goes_on_during_a_newer_one() -> None:
    run = waiting(paused(resumed(paused())), "token", 1)
    assert (run.paused, run.waiting, run.waking) == (True, (), ("token",))


def test_a_pause_that_never_was_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        waiting(paused(), "token", 2)
    assert refused.value.field == "pause_id"


def test_there_is_a_maximum_of_waiters_and_of_called_back_tokens() -> None:
    run = NEW
    for number in range(MAX_WAITING):
        run = waiting(run, f"token-{number}")
    for full in (run, resumed(run)):
        with pytest.raises(ConflictError):
            waiting(full, "one-more")
    assert waiting(run, "token-0") is run
    told = resumed(run).with_woken(run.waiting)
    assert waiting(told, "one-more").waiting == ("one-more",)
    assert len(resumed(waiting(told, "one-more")).with_woken(("one-more",)).woken) == MAX_WAITING


def test_a_second_callback_changes_nothing() -> None:
    run = resumed(waiting(NEW, "token"))
    told = run.with_woken(("token", "another"))
    assert told.woken == (hashed("token"),)
    assert told.with_woken(("token",)) is told


def test_a_state_that_is_stored_comes_back_as_it_was() -> None:
    run = resumed(waiting(resumed(paused(), "70.5").with_woken(()), "token")).with_woken(("token",))
    for state in (NEW, paused(), run, waiting(run, "other")):
        assert WorkflowState.load(state.version, state.dump()) == state


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (WorkflowTerms(), "0/"),
        (WorkflowTerms(3), "3/"),
        (WorkflowTerms(0, Decimal("70.50")), "0/70.5"),
    ],
)
def test_terms_are_one_text_whatever_digits_they_were_given_in(
    terms: WorkflowTerms, text: str
) -> None:
    assert str(terms) == text
    assert WorkflowTerms.parse(text) == terms


def test_the_account_of_a_run_keeps_whether_it_is_paused_and_its_limit() -> None:
    assert paused().terms == WorkflowTerms(1)
    assert resumed(paused(), "70").terms == WorkflowTerms(0, Decimal(70))
