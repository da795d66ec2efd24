"""One answer for every event: a body in a direct invocation, a response over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from budget_monitor.adapters.system import PrintedMetrics, RandomIds, SystemClock
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.entrypoints.door.answer import answer
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext

EVENT = {"rawPath": "/things", "requestContext": {"http": {"method": "GET"}, "requestId": "r-1"}}


def context(found: str) -> Callable[[], RequestContext[str]]:
    return lambda: RequestContext(found, SystemClock(), RandomIds(), PrintedMetrics("tests"))


def run(context: RequestContext[str], fields: Fields) -> Answer:
    fields.finish()
    if context.services == "missing":
        raise NotFoundError("no such thing")
    return Answer({"found": 1}, 201)


THINGS: tuple[Operation[Any], ...] = (Operation("things", "GET", "/things", run),)


def test_a_direct_invocation_is_answered_with_the_body_alone() -> None:
    assert answer(THINGS, context("found"), {"operation": "things"}, None) == {"found": 1}


def test_a_request_over_http_is_answered_with_status_201_and_the_body_as_json() -> None:
    response = answer(THINGS, context("found"), EVENT, None)
    assert (response["statusCode"], response["body"]) == (201, '{"found": 1}')


def test_an_error_is_raised_in_a_direct_invocation_and_is_a_404_over_http() -> None:
    with pytest.raises(NotFoundError):
        answer(THINGS, context("missing"), {"operation": "things"}, None)
    response = answer(THINGS, context("missing"), EVENT, None)
    assert response["statusCode"] == 404
    assert '"request_id": "r-1"' in response["body"]
