"""The document refuses the same requests as the handlers do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount
from budget_monitor.domain.periods import parse_month
from budget_monitor.entrypoints.door.parsers import parse_arn
from budget_monitor.entrypoints.openapi.document import declared
from budget_monitor.entrypoints.openapi.fields import Field, object_of, read
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.doors.routes import OF_SYSTEM_WITHOUT_TENANT, ROUTES, WITHOUT_ROUTE
from tests.support.openapi.conformance import validator
from tests.support.openapi.examples import examples, run

WRONG = {
    "array": {},
    "object": [1],
    "string": 5,
    "integer": 1.5,
    "number": {},
    "boolean": "yes",
}
"""A value of another type, by the type of the field."""

# What one field asks of another is said in words; the schema accepts the request.
ACROSS = {
    ("set_budget", "without scope"),
    ("set_budget", "without period"),
    ("set_budget", "without scope_id"),
    ("set_system_budget", "without scope"),
    ("set_system_budget", "without period"),
    ("set_system_price", "without provider"),
}
# Over HTTP the path names the tenant; a direct invocation without one means the system.
ACROSS |= {(operation, "without tenant_id") for operation in OF_SYSTEM_WITHOUT_TENANT}


def changed(request: dict[str, Any], fields: tuple[Field, ...]) -> Iterator[tuple[str, Any]]:
    """The request with one thing changed, and what that is."""
    yield "unknown", {**request, "surprise": 1}
    for name in request:
        yield f"without {name}", {k: v for k, v in request.items() if k != name}
    for one in fields:
        yield f"wrong {one.name}", {**request, one.name: _wrong(one.schema)}
        if one.null_says is not None:
            yield f"null {one.name}", {**request, one.name: None}
    for one in fields:
        if one.reader == "count" and one.limits:
            least, most = one.limits[0], (*one.limits, 10**12)[1]
            yield f"low {one.name}", {**request, one.name: least - 1}
            yield f"high {one.name}", {**request, one.name: most + 1}
        if one.reader in {"text", "optional_text", "name"}:
            yield f"long {one.name}", {**request, one.name: "x" * 1025}
        if one.of and one.reader == "inner":
            yield f"unknown in {one.name}", {**request, one.name: {"surprise": 1}}


def _wrong(schema: Any) -> Any:
    if "anyOf" in schema:
        return {} if schema["anyOf"][0] != {"type": "object"} else 1
    return WRONG.get(schema.get("type", "string"), 5) if "$ref" not in schema else {}


@pytest.mark.parametrize("operation", [*ROUTES, *WITHOUT_ROUTE])
def test_the_schema_of_a_request_refuses_what_the_handler_refuses(
    cloud: Cloud, operation: str
) -> None:
    said, door = declared()[operation][1], DirectDoor()
    for earlier in said.example.after:
        run(door, earlier)
    schema = validator(object_of(said.fields, said.needs))
    request = dict(examples()[operation][2].request)
    assert schema.is_valid(request)

    for what, other in changed(request, said.fields):
        answer = door.call(operation, **other)
        refused = answer.error == "VALIDATION_ERROR"
        if (operation, what) not in ACROSS:
            assert schema.is_valid(other) is not refused, (what, other, answer.message)


MONTHS = ["1970-01", "9990-12", "1969-12", "9991-01", "0000-01", "2026-13", "2026-11"]
AMOUNTS = ["0", "007", "0.0000000000010", "999999999999", "00000000000001.50", "1000000000000"]
AMOUNTS += ["0.0000000000001", "1.", ".5", "1e3", "-1", ""]
ARNS = ["arn:aws:states:eu-central-1:1:execution:m:e", "arn:", "arn:a\tb", "arn:é", "aws"]


@pytest.mark.parametrize(
    ("schema", "parse", "values"),
    [
        ({"$ref": "#/components/schemas/Month"}, parse_month, MONTHS),
        ({"$ref": "#/components/schemas/Amount"}, parse_amount, AMOUNTS),
        (
            {"$ref": "#/components/schemas/SignedAmount"},
            partial(parse_amount, signed=True),
            AMOUNTS,
        ),
        (read("arn", "arn", "").plain, parse_arn, ARNS),
    ],
    ids=["month", "amount", "signed amount", "arn"],
)
def test_the_schema_of_a_value_accepts_what_its_parser_accepts(
    schema: Any, parse: Callable[[object, str], object], values: list[str]
) -> None:
    def is_parsed(value: str) -> bool:
        try:
            parse(value, "field")
        except ValidationError:
            return False
        return True

    found = {value: validator(schema).is_valid(value) for value in values}
    assert found == {value: is_parsed(value) for value in values}
