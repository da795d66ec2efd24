"""What only a direct invocation can get wrong: the event itself, and numbers made floats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.bad_input import GOOD as REQUIRED
from tests.support.doors.doors import Context, DirectDoor, handler_of, to_json
from tests.support.doors.routes import OF_SYSTEM_WITHOUT_TENANT, ROUTES

pytestmark = pytest.mark.doors("direct")

FUNCTIONS = ("tracking", "checking", "reporting")
GOOD = {"agent_execution_id": "run-1", "cost_usd": "1"}


def error_of(function: str, event: Any) -> Any:
    with pytest.raises(Exception, match=r".") as caught:
        handler_of(function)(event, Context())
    assert type(caught.value).__name__ == "ValidationError"
    return caught.value


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "event",
    [{}, {"operation": None}, {"operation": ""}, {"operation": "fly"}, {"operation": 5},
     {"operation": ["check"]}, {"operation": {"a": 1}}],
)  # fmt: skip
def test_an_event_without_a_known_operation_is_refused(
    cloud: Cloud, function: str, event: Any
) -> None:
    assert error_of(function, event).field == "operation"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("event", [None, [], "check", 5, True])
def test_an_event_that_is_no_object_is_refused(cloud: Cloud, function: str, event: Any) -> None:
    error_of(function, event)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_answers_its_own_operations_only(cloud: Cloud, function: str) -> None:
    for operation, route in ROUTES.items():
        if route.function != function:
            event = {"operation": operation, "tenant_id": "acme"}
            assert error_of(function, event).field == "operation"


@pytest.mark.parametrize(
    "operation",
    [
        name
        for name, route in ROUTES.items()
        if route.path.startswith("/tenants/") and name not in OF_SYSTEM_WITHOUT_TENANT
    ],
)
def test_a_tenant_is_asked_for_by_name(door: DirectDoor, operation: str) -> None:
    needed = {name: json.loads(text) for name, text in REQUIRED.get(operation, {}).items()}
    route = ROUTES[operation]
    needed |= {route.field_of(name): "some-id" for name in route.placeholders}
    if operation == "record_costs":
        needed["costs"] = [GOOD]
    needed.pop("tenant_id")

    for given in ({}, {"tenant_id": None}, {"tenant_id": ""}, {"tenant_id": 5}):
        assert door.call(operation, **needed, **given).refusal == ("VALIDATION_ERROR", "tenant_id")


@pytest.mark.parametrize(
    "number",
    ["0.1234567890123456", "0.30000000000000004", "123456789.0123456789", "1234567890.1234567"],
)
def test_a_number_that_a_float_cannot_hold_is_asked_for_as_a_string(
    door: DirectDoor, cloud: Cloud, number: str
) -> None:
    fields = to_json(GOOD | {"tenant_id": "acme"}).replace('"1"', number)

    answer = door.send("record_cost", fields)

    assert answer.refusal == ("VALIDATION_ERROR", "cost_usd")
    assert "string" in answer.message
    assert not any(cloud.rows().values())


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0.1", "0.1"), ("123456789.012345", "123456789.012345"), ("1e-6", "0.000001"), ("7", "7"),
     ("7.0", "7"), ("1e2", "100")],
)  # fmt: skip
def test_a_number_that_a_float_can_hold_is_exact(door: DirectDoor, number: str, shown: str) -> None:
    fields = to_json(GOOD | {"tenant_id": "acme"}).replace('"1"', number)

    assert door.send("record_cost", fields).body["entry"]["cost_usd"] == shown


@pytest.mark.parametrize("number", ["1e400", "-1e400"])
def test_a_number_that_became_infinite_is_refused(door: DirectDoor, number: str) -> None:
    for field in ("cost_usd", "tokens"):
        given = GOOD | {"tenant_id": "acme", field: 0}
        text = to_json(given).replace(": 0", f": {number}")
        assert door.send("record_cost", text).refusal == ("VALIDATION_ERROR", field)


def test_deep_nesting_is_an_error_with_a_name(door: DirectDoor, cloud: Cloud) -> None:
    deep: dict[str, Any] = {}
    for _ in range(60):
        deep = {"a": deep}
    given: dict[str, Any] = GOOD | {"usage": {"provider_response": deep}}

    answer = Tenant(door).call("record_cost", **given)

    assert answer.error == "VALIDATION_ERROR"
    assert str(answer.field).startswith("usage")
    assert not any(cloud.rows().values())


def test_the_message_of_an_error_says_which_field(door: DirectDoor) -> None:
    answer = Tenant(door).record("-1")

    assert "cost_usd" in answer.message


def test_http_fields_are_unknown_to_a_direct_event(door: DirectDoor) -> None:
    for name in ("body", "headers", "requestContext", "pathParameters"):
        answer = door.send("tenant_usage", f'{{"tenant_id": "acme", "{name}": {{}}}}')
        assert answer.refusal == ("VALIDATION_ERROR", name)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_context_is_not_needed(cloud: Cloud, function: str) -> None:
    with pytest.raises(Exception, match="operation"):
        handler_of(function)({"operation": "fly"}, None)
