"""Failures of a transaction: which are retried, which are an answer, and which are an outage."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import (
    AttributeNullError,
    CancellationReason,
    GetError,
    TransactWriteError,
    VerboseClientError,
)

from budget_monitor.adapters.dynamodb.conflicts import (
    ConditionFailedError,
    DamagedRowError,
    PassingError,
    classified,
    persistently,
)
from budget_monitor.domain.errors import UnavailableError

CONDITION, CONFLICT, DAMAGED = "ConditionalCheckFailed", "TransactionConflict", "ValidationError"


def cancelled(*codes: str | None) -> TransactWriteError:
    reasons = [CancellationReason(code) if code else None for code in codes]
    error = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
    cause = VerboseClientError(error, "TransactWriteItems", cancellation_reasons=reasons)
    return TransactWriteError("cancelled", cause)


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "TransactWriteItems")


def raising(fault: Exception) -> Any:
    def attempt() -> None:
        raise fault

    return attempt


def test_failed_conditions_alone_name_the_items_that_refused() -> None:
    with pytest.raises(ConditionFailedError) as refused:
        classified(raising(cancelled(None, CONDITION, None, CONDITION)))
    assert refused.value.places == [1, 3]


def test_a_failed_condition_with_a_conflict_is_retried() -> None:
    with pytest.raises(PassingError):
        classified(raising(cancelled(CONDITION, CONFLICT)))


def test_a_damaged_row_is_named_even_if_a_condition_failed_too() -> None:
    with pytest.raises(DamagedRowError) as refused:
        classified(raising(cancelled(CONDITION, DAMAGED)))
    assert refused.value.places == [1]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_throttling_and_internal_errors_are_retried(code: str) -> None:
    with pytest.raises(PassingError):
        classified(raising(GetError("failed", client_error(code))))


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_anything_else_is_an_outage_and_no_damage(code: str) -> None:
    with pytest.raises(UnavailableError) as refused:
        classified(raising(GetError("failed", client_error(code))))
    assert not refused.value.damaged


def test_an_unreadable_attribute_is_damage() -> None:
    with pytest.raises(UnavailableError) as refused:
        classified(raising(AttributeNullError("spent")))
    assert refused.value.damaged


def test_two_conflicts_are_retried_until_the_third_attempt_succeeds() -> None:
    attempts = iter([PassingError(), PassingError()])

    def attempt() -> str:
        fault = next(attempts, None)
        if fault:
            raise fault
        return "written"

    assert persistently(attempt) == "written"


def test_conflicts_that_do_not_end_in_time_are_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budget_monitor.deadline.BUDGET_SECONDS", 0.05)
    with pytest.raises(UnavailableError, match="did not end"):
        persistently(raising(PassingError()))
