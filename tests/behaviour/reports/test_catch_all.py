"""What no route matches is a 404, or a 405 with the path's methods, in the shape of our errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cloud import Cloud
from tests.support.doors.doors import HttpDoor, asked
from tests.support.doors.http_events import catch_all_event


@pytest.fixture
def door(cloud: Cloud) -> HttpDoor:
    return HttpDoor()


def refused(event: dict[str, Any]) -> tuple[int, str]:
    status, body, _ = asked("reporting", event)
    assert body.keys() == {"error", "message", "field", "request_id"}
    return status, body["error"]


@pytest.mark.parametrize("path", ["/", "/tenant", "/tenants/acme/none", "/x\x00", "/" + "x" * 9999])
def test_what_no_route_matches_is_a_404_in_our_shape(door: HttpDoor, path: str) -> None:
    assert refused(catch_all_event("GET", path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/tenants/acme/usage", "GET"),
        ("DELETE", "/tenants/acme/budgets", "GET"),
        ("PATCH", "/openapi.json", "GET"),
        ("GET", "/tenants/acme/checks", "POST"),
        ("PUT", f"/tenants/{'a' * 128}/usage", "GET"),
        ("TRACE", "/tenants/acme/prices", "DELETE, GET, PUT"),
    ],
)
def test_a_known_path_with_another_method_is_a_405_that_names_the_methods(
    door: HttpDoor, method: str, path: str, allow: str
) -> None:
    status, body, headers = asked("reporting", catch_all_event(method, path))
    assert (status, body["error"], headers["allow"]) == (405, "METHOD_NOT_ALLOWED", allow)
    assert body.keys() == {"error", "message", "field", "request_id"}


def test_only_the_function_behind_the_catch_all_route_answers_it(door: HttpDoor) -> None:
    status, body, _ = asked("checking", catch_all_event("POST", "/tenants/acme/usage"))
    assert (status, body["error"]) == (404, "NOT_FOUND")
