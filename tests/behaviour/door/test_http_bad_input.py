"""What only HTTP can get wrong: the body's text, its size, its encoding, the query."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import HttpDoor
from tests.support.doors.routes import ROUTES

pytestmark = pytest.mark.doors("http")

GOOD = '{"agent_execution_id": "run-1", "cost_usd": "1"}'
LARGEST = 256 * 1024


def nested(depth: int) -> str:
    """A body whose usage is that deep."""
    inner = '{"a": ' * depth + "1" + "}" * depth
    return GOOD[:-1] + f', "usage": {{"provider_response": {inner}}}}}'


MALFORMED = {
    "a list": "[]",
    "a text": '"cost"',
    "a number": "5",
    "null": "null",
    "half an object": '{"cost_usd": ',
    "two objects": GOOD + GOOD,
    "single quotes": "{'cost_usd': 1}",
    "a trailing comma": GOOD[:-1] + ",}",
    "a comment": "/* hello */" + GOOD,
    "not a number": GOOD[:-1] + ', "tokens": NaN}',
    "infinity": GOOD[:-1] + ', "tokens": Infinity}',
    "minus infinity": GOOD[:-1] + ', "tokens": -Infinity}',
    "a name twice": GOOD[:-1] + ', "cost_usd": "2"}',
    "the same name twice with the same value": GOOD[:-1] + ', "cost_usd": "1"}',
    "a name twice within": GOOD[:-1] + ', "usage": {"input_tokens": 1, "input_tokens": 2}}',
    "nesting over 32": nested(40),
    "nesting over 32 around nothing": GOOD[:-1] + ', "tags": ' + "[" * 32 + "]" * 32 + "}",
    "nesting without end": "[" * 100_000,
    "lists nested without end": GOOD[:-1] + ', "tags": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "a byte order mark": "\ufeff" + GOOD,
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("operation", ["record_cost", "check"])
def test_a_body_that_is_no_json_object_is_refused(
    door: HttpDoor, cloud: Cloud, operation: str, text: str
) -> None:
    answer = door.send(operation, text, tenant_id="acme")

    assert answer.error == "MALFORMED_JSON"
    assert answer.status == 400
    assert not any(cloud.rows().values())


@pytest.mark.parametrize("text", [None, "", " "])
def test_a_body_that_is_missing_is_refused(door: HttpDoor, cloud: Cloud, text: str | None) -> None:
    for operation in ("record_cost", "record_costs", "check", "reserve"):
        answer = door.send(operation, text, tenant_id="acme")
        assert (answer.status, answer.error in ("MALFORMED_JSON", "VALIDATION_ERROR")) == (
            400,
            True,
        )
    assert not any(cloud.rows().values())


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e999999999", "1E+400000000000000000000"])
@pytest.mark.parametrize("field", ["cost_usd", "tokens"])
def test_a_number_beyond_all_bounds_is_refused(
    door: HttpDoor, cloud: Cloud, number: str, field: str
) -> None:
    text = json.dumps({"agent_execution_id": "run-1", "cost_usd": "1"} | {field: 0})
    answer = door.send("record_cost", text.replace(": 0", f": {number}"), tenant_id="acme")

    assert answer.error in ("MALFORMED_JSON", "VALIDATION_ERROR")
    assert answer.status == 400
    assert not any(cloud.rows().values())


def test_a_digit_string_without_end_is_refused_quickly(door: HttpDoor, cloud: Cloud) -> None:
    for number in ("9" * 200_000, "0." + "9" * 200_000):
        text = GOOD.replace('"1"', number)
        answer = door.send("record_cost", text, tenant_id="acme")
        assert (answer.status, answer.error in ("MALFORMED_JSON", "VALIDATION_ERROR")) == (
            400,
            True,
        )
        assert len(answer.message) < 1000
    assert not any(cloud.rows().values())


def test_a_body_over_the_largest_is_refused(door: HttpDoor, cloud: Cloud) -> None:
    padded = GOOD + " " * (LARGEST - len(GOOD))
    assert door.send("record_cost", padded, tenant_id="acme").status == 201
    before = cloud.rows()

    wide = GOOD.replace("run-1", "é" * (LARGEST // 2))
    for text in (padded + " ", wide, "x" * (LARGEST + 1)):
        answer = door.send("record_cost", text, tenant_id="acme")
        assert (answer.status, answer.error) == (413, "TOO_LARGE")

    encoded = base64.b64encode((padded + " ").encode()).decode()
    answer = door.send("record_cost", encoded, is_base64=True, tenant_id="acme")
    assert answer.error == "TOO_LARGE"
    assert cloud.rows() == before


def test_a_body_in_base64_is_read(door: HttpDoor) -> None:
    text = base64.b64encode(GOOD.replace("run-1", "run-2").encode()).decode()

    answer = door.send("record_cost", text, is_base64=True, tenant_id="acme")

    assert answer.body["entry"]["agent_execution_id"] == "run-2"


@pytest.mark.parametrize(
    "text", ["%%%", "a", GOOD, "é", base64.b64encode(b'{"a": "\xff"}').decode()]
)
def test_a_body_that_does_not_decode_is_refused(door: HttpDoor, text: str) -> None:
    answer = door.send("record_cost", text, is_base64=True, tenant_id="acme")

    assert (answer.status, answer.error) == (400, "MALFORMED_JSON")


def test_numbers_keep_all_their_digits(door: HttpDoor) -> None:
    for number in ("0.123456789012", "123456789012.123456789012", "100", "0.10", "1.5e-7"):
        answer = door.send("record_cost", GOOD.replace('"1"', number), tenant_id="acme")
        assert float(answer.body["entry"]["cost_usd"]) == float(number)
    last = door.send("record_cost", GOOD.replace('"1"', "12345678901.123456789012"), tenant_id="b")
    assert last.body["entry"]["cost_usd"] == "12345678901.123456789012"


def test_the_tenant_of_the_path_cannot_be_overruled(door: HttpDoor, cloud: Cloud) -> None:
    for name in ("tenant_id", "operation"):
        answer = door.send("record_cost", GOOD[:-1] + f', "{name}": "other"}}', tenant_id="acme")
        assert answer.refusal == ("VALIDATION_ERROR", name)
        answer = door.send("record_cost", GOOD, query={name: "other"}, tenant_id="acme")
        assert answer.refusal == ("VALIDATION_ERROR", name)
    assert not any(cloud.rows().values())


def test_an_unknown_query_is_refused_on_every_route(door: HttpDoor, cloud: Cloud) -> None:
    for operation, route in ROUTES.items():
        if route.method == "DELETE":
            continue  # its fields may stand in the query, where no body can be sent with it
        path: dict[str, Any] = dict.fromkeys(route.placeholders, "acme")
        body = GOOD if route.method == "POST" else None
        answer = door.send(operation, body, query={"colour": "blue"}, **path)
        assert (operation, *answer.refusal) == (operation, "VALIDATION_ERROR", "colour")
    assert not any(cloud.rows().values())


def test_the_error_body_has_the_four_fields(door: HttpDoor) -> None:
    answer = door.send("record_cost", GOOD.replace('"1"', '"-1"'), tenant_id="acme")

    assert answer.content.keys() == {"error", "message", "field", "request_id"}
    assert answer.content["request_id"]
    assert answer.headers["content-type"].startswith("application/json")


def test_a_release_needs_no_body(door: HttpDoor) -> None:
    tenant = Tenant(door)
    for text in (None, "", "{}"):
        ids: dict[str, Any] = {"tenant_id": tenant.id, "reservation_id": tenant.hold("1")}
        assert door.send("release", text, **ids).body["state"] == "released"
    ids = {"tenant_id": tenant.id, "reservation_id": tenant.hold("1")}
    assert door.send("release", "[]", **ids).error == "MALFORMED_JSON"
    assert door.send("release", '{"colour": 1}', **ids).refusal == ("VALIDATION_ERROR", "colour")
    assert tenant.reservation(ids["reservation_id"])["state"] == "open"
