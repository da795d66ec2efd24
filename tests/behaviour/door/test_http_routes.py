"""The operation is what API Gateway matched; everything else is a 404 or 405 of our own shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import HttpDoor, asked
from tests.support.doors.http_events import http_event
from tests.support.doors.routes import ROUTES

COST = json.dumps({"agent_execution_id": "run-1", "cost_usd": "1"})
USAGE = ROUTES["tenant_usage"]


@pytest.fixture
def door(cloud: Cloud) -> HttpDoor:
    return HttpDoor()


def usage_event(**more: Any) -> dict[str, Any]:
    return {**http_event(USAGE, {"tenant_id": "acme"}), **more}


def refused(event: dict[str, Any]) -> tuple[int, str]:
    status, body, _ = asked("reporting", event)
    assert body.keys() == {"error", "message", "field", "request_id"}
    return status, body["error"]


def test_values_come_from_path_parameters_and_are_not_decoded_again(door: HttpDoor) -> None:
    """A client sent acme%252D1: the service decoded it once, and %2D is what was meant."""
    event = http_event(USAGE, {"tenant_id": "acme%2D1"})
    status, body, _ = asked("reporting", event)
    assert (status, body["field"]) == (400, "tenant_id")


def test_a_slash_that_the_service_decoded_is_part_of_the_value(door: HttpDoor) -> None:
    event = usage_event(rawPath="/tenants/a/b/usage", pathParameters={"tenant_id": "a/b"})
    status, body, _ = asked("reporting", event)
    assert (status, body["field"]) == (400, "tenant_id")


@pytest.mark.parametrize(
    "more",
    [
        {"rawPath": "/tenants/other/usage"},
        {"rawPath": "/tenants/acme/costs"},
        {"pathParameters": {"tenant_id": "other"}},
        {"pathParameters": {"tenant": "acme"}},
        {"pathParameters": {"tenant_id": "acme", "id": "x"}},
        {"pathParameters": None},
        {"routeKey": "GET /tenants/{tenant_id}/costs"},
        {"routeKey": "POST /tenants/{tenant_id}/usage"},
        {"routeKey": "GET /nowhere"},
        {"routeKey": 7},
    ],
)
def test_where_route_values_and_path_disagree_it_is_a_404(
    door: HttpDoor, more: dict[str, Any]
) -> None:
    assert asked("reporting", usage_event())[0] == 200
    assert refused(usage_event(**more)) == (404, "NOT_FOUND")


def test_a_method_that_is_not_the_routes_is_a_404(door: HttpDoor) -> None:
    event = usage_event()
    event["requestContext"]["http"]["method"] = "POST"
    assert refused(event) == (404, "NOT_FOUND")


def test_the_mapping_of_a_custom_domain_may_stand_before_the_path(door: HttpDoor) -> None:
    assert asked("reporting", usage_event(rawPath="/budgets/v1/tenants/acme/usage"))[0] == 200


def test_an_event_without_a_route_key_is_matched_by_its_path(door: HttpDoor) -> None:
    event = usage_event()
    del event["routeKey"], event["pathParameters"]
    assert asked("reporting", event)[0] == 200
    assert refused({**event, "rawPath": "/tenants/acme/nothing"}) == (404, "NOT_FOUND")


@pytest.mark.parametrize("place", ["body", "query", "headers"])
def test_a_delete_says_by_and_reason_in_body_query_or_headers(door: HttpDoor, place: str) -> None:
    tenant = Tenant(door)
    budget = {"scope": "agent", "scope_id": "a", "period": "day", "limit_usd": "1"}
    said = {"by": "maria", "reason": "the trial is over"}
    tenant.call("set_budget", budget_id="daily", **budget, **said).body  # noqa: B018 - must not fail
    text = json.dumps(said) if place == "body" else None
    more: dict[str, Any] = {} if place == "body" else {place: said}
    path: dict[str, Any] = {"tenant_id": tenant.id, "budget_id": "daily"}

    assert door.send("delete_budget", text, **more, **path).status == 200
    history = tenant.call("budget_history", budget_id="daily").body["items"]
    assert (history[0]["by"], history[0]["reason"]) == ("maria", "the trial is over")


def test_a_delete_that_says_two_things_is_refused(door: HttpDoor) -> None:
    said = {"by": "maria", "reason": "over"}
    path: dict[str, Any] = {"tenant_id": "acme", "budget_id": "daily"}
    for place in ("query", "headers"):
        more: dict[str, Any] = {place: said | {"by": "somebody"}}
        answer = door.send("delete_budget", json.dumps(said), **more, **path)
        assert answer.refusal == ("VALIDATION_ERROR", "by")
