"""Errors of the API: their names at the direct door follow from their codes."""

from __future__ import annotations

import pytest

from budget_monitor.domain import errors
from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError

CLASSES = BudgetMonitorError.__subclasses__()
STATUSES = {
    "VALIDATION_ERROR": 400,
    "MALFORMED_JSON": 400,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "IDEMPOTENCY_MISMATCH": 409,
    "TOO_LARGE": 413,
    "UNKNOWN_PRICE": 422,
    "TOO_MANY_HOLDS": 429,
    "UNAVAILABLE": 503,
}


def test_each_code_has_one_class_and_the_status_of_the_contract() -> None:
    assert {one.code: one.status for one in CLASSES} == STATUSES
    assert len(CLASSES) == len(STATUSES)


@pytest.mark.parametrize("error", CLASSES, ids=lambda one: one.code)
def test_the_class_is_the_code_in_camel_case_with_error_behind_it(
    error: type[BudgetMonitorError],
) -> None:
    camel = "".join(word.capitalize() for word in error.code.split("_"))
    assert error.__name__ == camel.removesuffix("Error") + "Error"
    raised = error("why", "cost_usd")
    assert (raised.message, raised.field, str(raised)) == ("why", "cost_usd", "why")


def test_only_a_503_says_when_to_try_again() -> None:
    assert UnavailableError("down").headers == {"retry-after": "1"}
    assert not UnavailableError("down").damaged
    others = [one for one in CLASSES if one is not UnavailableError]
    assert all(one("why").headers == {} for one in others)


def test_a_missing_setting_is_no_answer_of_the_api() -> None:
    assert not issubclass(errors.ConfigurationError, BudgetMonitorError)
