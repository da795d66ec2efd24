"""Two ways to call the functions with one interface: the HTTP API and direct invocation.

`door.call(operation, tenant_id=..., ...)` sends a request and returns an `Answer`. The fields are
those of a direct event; the HTTP door puts each into the path, query, headers or body. Both doors
fail the test if an answer does not match the OpenAPI document.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from budget_monitor.domain.errors import BudgetMonitorError
from tests.support.doors.http_events import NONE, Body, Headers, http_event
from tests.support.doors.routes import ROUTES, WITHOUT_ROUTE, function_of
from tests.support.openapi import conformance

CODES = {
    "ValidationError": "VALIDATION_ERROR",
    "ForbiddenError": "FORBIDDEN",
    "NotFoundError": "NOT_FOUND",
    "ConflictError": "CONFLICT",
    "IdempotencyMismatchError": "IDEMPOTENCY_MISMATCH",
    "TooLargeError": "TOO_LARGE",
    "UnknownPriceError": "UNKNOWN_PRICE",
    "TooManyHoldsError": "TOO_MANY_HOLDS",
    "TooManyRequestsError": "TOO_MANY_REQUESTS",
    "UnavailableError": "UNAVAILABLE",
}


TEXTS = {"text/csv": "csv", "application/x-ndjson": "jsonl"}
"""Answers that are not JSON, by what they call themselves."""


class RefusedError(AssertionError):
    """A test read the body of an error answer."""


@dataclass(frozen=True)
class Answer:
    """An answer: a body, or the parts of an error. Direct invocation has no status."""

    status: int | None
    content: Body
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    field: str | None = None
    message: str = ""

    @property
    def body(self) -> Body:
        """Return the body of a success. Fails the test with the reason if this is an error."""
        if self.error:
            raise RefusedError(f"{self.error} on {self.field}: {self.message}")
        return self.content

    def has_status(self, expected: int) -> bool:
        """True if the HTTP status is `expected`. Direct invocation has no status: always true."""
        return self.status is None or self.status == expected

    @property
    def refusal(self) -> tuple[str | None, str | None]:
        """Return the error code and the field it names; (None, None) for a success."""
        return self.error, self.field


class Context:
    """The parts of a Lambda context that functions read."""

    def __init__(self, request_id: str = "11111111-2222-3333-4444-555555555555") -> None:
        """Only the request id can differ."""
        self.aws_request_id = request_id
        self.function_name = "budget-monitor"
        self.memory_limit_in_mb = 1024
        self.invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:tests"

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time in milliseconds: always enough."""
        return 300_000


class Door(Protocol):
    """Interface of both doors."""

    name: str
    before_each: Callable[[], None]

    def call(self, operation: str, **fields: Any) -> Answer:
        """Send the operation with the given fields."""

    def send(self, operation: str, text: str, **path: Any) -> Answer:
        """Send the JSON text unchanged. `path` has the tenant and the ids of the path."""


class _Exact(json.JSONEncoder):
    """A Decimal that is written as a JSON number with all its digits."""

    def encode(self, o: Any) -> str:
        marks: list[str] = []

        def mark(value: Any) -> Any:
            if isinstance(value, Decimal):
                marks.append(str(value))
                return f"\x00{len(marks) - 1}\x00"
            if isinstance(value, dict):
                return {key: mark(item) for key, item in value.items()}
            return [mark(item) for item in value] if isinstance(value, list) else value

        text = super().encode(mark(o))
        return re.sub(r'"\\u0000(\d+)\\u0000"', lambda found: marks[int(found[1])], text)


def to_json(value: Any) -> str:
    """Return JSON text with Decimals as numbers, with all their digits."""
    return json.dumps(value, cls=_Exact)


def handler_of(function: str) -> Any:
    """Return the function's lambda_handler."""
    return importlib.import_module(f"functions.{function}.app").lambda_handler


def asked(function: str, event: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Return status, body and headers of the function's answer to an HTTP event."""
    answer = handler_of(function)(event, Context())
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


def _nothing() -> None:
    """Default hook before each request: do nothing."""


class HttpDoor:
    """The function behind API Gateway: an HTTP API with payload format 2.0."""

    before_each: Callable[[], None] = staticmethod(_nothing)

    name = "http"

    def call(self, operation: str, headers: Headers = NONE, **fields: Any) -> Answer:
        """Send the operation. Ids go to the path, other fields to the query (GET) or the body."""
        route = ROUTES[operation]
        path = {name: fields.pop(route.field_of(name)) for name in route.placeholders}
        if route.method != "GET":
            return self.send(operation, to_json(fields), headers=headers, **path)
        query = {name: _as_query(value) for name, value in fields.items()}
        event = http_event(route, path, query=query, headers=headers)
        return self._invoke(operation, event)

    def send(
        self,
        operation: str,
        text: str | None,
        *,
        headers: Headers = NONE,
        query: Headers = NONE,
        is_base64: bool = False,
        **path: Any,
    ) -> Answer:
        """Send the text as the body."""
        route = ROUTES[operation]
        event = http_event(route, path, query=query, headers=headers, body=text)
        return self._invoke(operation, {**event, "isBase64Encoded": is_base64})

    def _invoke(self, operation: str, event: Body) -> Answer:
        self.before_each()
        response = handler_of(ROUTES[operation].function)(event, Context())
        json.dumps(response, allow_nan=False)  # API Gateway accepts nothing else
        headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
        status, text = int(response["statusCode"]), response.get("body", "")
        media = headers["content-type"].partition(";")[0]
        if media in TEXTS:
            named = {TEXTS[media]: text}
            return Answer(status, {**named, "cursor": headers.get("x-next-cursor")}, headers)
        body = json.loads(text)
        conformance.check(operation, status, body)
        if status < 400:
            return Answer(status, body, headers)
        return Answer(status, body, headers, body["error"], body["field"], body["message"])


class DirectDoor:
    """Direct invocation of the function, as from Step Functions and other Lambdas."""

    before_each: Callable[[], None] = staticmethod(_nothing)

    name = "direct"

    def call(self, operation: str, headers: Headers = NONE, **fields: Any) -> Answer:
        """Send the operation. Header values of the HTTP API are fields here."""
        if headers.get("Accept") in TEXTS:
            fields["format"] = TEXTS[headers["Accept"]]
        if "Idempotency-Key" in headers:
            fields["idempotency_key"] = headers["Idempotency-Key"]
        return self.send(operation, to_json(fields))

    def send(self, operation: str, text: str, **path: Any) -> Answer:
        """Send the text of a direct event. If it is an object, `operation` and `path` are added."""
        inner = text.strip().removeprefix("{").removesuffix("}").strip()
        own = to_json({"operation": operation, **path})
        return self.invoke(operation, own[:-1] + (f", {inner}" if inner else "") + "}")

    def invoke(self, operation: str, text: str) -> Answer:
        """Send the whole event to the operation's function. Numbers are parsed as floats."""
        self.before_each()
        event = json.loads(text)
        try:
            answer = handler_of(function_of(operation))(event, Context())
        except Exception as error:  # noqa: BLE001 - as the runtime does with whatever is raised
            if isinstance(error, BudgetMonitorError):
                conformance.check_error(_named(event, operation), error.code)
            return Answer(None, {}, {}, _code(error), getattr(error, "field", None), str(error))
        body: Body = json.loads(json.dumps(answer, allow_nan=False))
        conformance.check(_named(event, operation), None, body)
        return Answer(None, body)


def _named(event: Any, operation: str) -> str:
    """Return the operation that the event names, or the given one if that is unknown."""
    named = event.get("operation") if isinstance(event, dict) else None
    return named if named in {*ROUTES, *WITHOUT_ROUTE} else operation


def _as_query(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)


def _code(error: Exception) -> str:
    """Convert `ValidationError` to `VALIDATION_ERROR`; names outside the contract are unchanged."""
    return CODES.get(type(error).__name__, f"{type(error).__module__}.{type(error).__name__}")
