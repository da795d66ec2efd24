"""Errors of the API: their names at the direct door follow from their codes."""

from __future__ import annotations

import pytest

from budget_monitor.domain import errors
from budget_monitor.domain.errors import (
    BudgetMonitorError,
    MethodNotAllowedError,
    TooManyRequestsError,
    UnavailableError,
)

CLASSES = BudgetMonitorError.__subclasses__()
STATUSES = {
    "VALIDATION_ERROR": 400,
    "MALFORMED_JSON": 400,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "IDEMPOTENCY_MISMATCH": 409,
    "TOO_LARGE": 413,
    "UNKNOWN_PRICE": 422,
    "TOO_MANY_HOLDS": 429,
    "TOO_MANY_REQUESTS": 429,
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


def test_an_outage_and_too_many_requests_say_that_1_second_later_is_soon_enough() -> None:
    assert not UnavailableError("down").damaged
    retried = {one for one in CLASSES if "retry-after" in one("why").headers}
    assert retried == {UnavailableError, TooManyRequestsError}
    assert all(one("why").headers == {"retry-after": "1"} for one in retried)


def test_a_405_names_the_methods_of_the_path() -> None:
    error = MethodNotAllowedError("why", allowed=["GET", "PUT"])
    assert error.headers == {"allow": "GET, PUT"}


def test_no_other_error_has_headers() -> None:
    own = {UnavailableError, TooManyRequestsError, MethodNotAllowedError}
    assert all(one("why").headers == {} for one in CLASSES if one not in own)


def test_a_missing_setting_is_no_answer_of_the_api() -> None:
    assert not issubclass(errors.ConfigurationError, BudgetMonitorError)
