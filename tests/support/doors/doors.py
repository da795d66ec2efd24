"""Two doors into the functions, with one interface: the HTTP API and direct invocation.

`door.call(operation, tenant_id=..., ...)` goes through the door and answers an `Answer`; the
fields are those of a direct event, and the HTTP door puts each where the route wants it.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from tests.support.doors.http_events import NONE, Body, Headers, http_event
from tests.support.doors.routes import ROUTES, Route, function_of

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


class RefusedError(AssertionError):
    """A test used the body of an answer that was an error."""


@dataclass(frozen=True)
class Answer:
    """What came out of a door: a body, or the parts of an error. No status at the direct door."""

    status: int | None
    content: Body
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    field: str | None = None
    message: str = ""

    @property
    def body(self) -> Body:
        """The body of a success; fails the test, saying why, when this is an error."""
        if self.error:
            raise RefusedError(f"{self.error} on {self.field}: {self.message}")
        return self.content

    def has_status(self, expected: int) -> bool:
        """Whether HTTP says so; the direct door has no status and cannot disagree."""
        return self.status is None or self.status == expected

    @property
    def refusal(self) -> tuple[str | None, str | None]:
        """The error code and the field it names; (None, None) for a success."""
        return self.error, self.field


class Context:
    """As much of a Lambda context as a function may ask for."""

    def __init__(self, request_id: str = "11111111-2222-3333-4444-555555555555") -> None:
        """Only the request id is told apart."""
        self.aws_request_id = request_id
        self.function_name = "budget-monitor"
        self.memory_limit_in_mb = 1024
        self.invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:tests"

    def get_remaining_time_in_millis(self) -> int:
        """Always enough."""
        return 300_000


class Door(Protocol):
    """What a test needs of a door."""

    name: str
    before_each: Callable[[], None]

    def call(self, operation: str, **fields: Any) -> Answer:
        """Send the operation with those fields."""

    def send(self, operation: str, text: str, **path: Any) -> Answer:
        """Send that JSON text as it stands; `path` names the tenant and the ids in the path."""


class _Exact(json.JSONEncoder):
    """Writes a Decimal as the JSON number with those digits."""

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
    """JSON text in which Decimals are numbers with all their digits."""
    return json.dumps(value, cls=_Exact)


def handler_of(function: str) -> Any:
    """The function's lambda_handler."""
    return importlib.import_module(f"functions.{function}.app").lambda_handler


def _nothing() -> None:
    """What happens before a request, unless a test says otherwise."""


class HttpDoor:
    """API Gateway in front of the function: an HTTP API with payload format 2.0."""

    before_each: Callable[[], None] = staticmethod(_nothing)

    name = "http"

    def call(self, operation: str, headers: Headers = NONE, **fields: Any) -> Answer:
        """Send the operation; ids go to the path, the rest to the query (GET) or the body."""
        route = ROUTES[operation]
        path = {name: fields.pop(route.field_of(name)) for name in route.placeholders}
        if route.method != "GET":
            return self.send(operation, to_json(fields), headers=headers, **path)
        query = {name: _as_query(value) for name, value in fields.items()}
        return self._invoke(route, http_event(route, path, query=query, headers=headers))

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
        """Send that text as the body."""
        route = ROUTES[operation]
        event = http_event(route, path, query=query, headers=headers, body=text)
        return self._invoke(route, {**event, "isBase64Encoded": is_base64})

    def _invoke(self, route: Route, event: Body) -> Answer:
        self.before_each()
        response = handler_of(route.function)(event, Context())
        json.dumps(response, allow_nan=False)  # API Gateway takes nothing else
        headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
        status, text = int(response["statusCode"]), response.get("body", "")
        if "json" not in headers["content-type"]:
            return Answer(status, {"csv": text, "cursor": headers.get("x-next-cursor")}, headers)
        body = json.loads(text)
        if status < 400:
            return Answer(status, body, headers)
        return Answer(status, body, headers, body["error"], body["field"], body["message"])


class DirectDoor:
    """The function invoked directly, as Step Functions and other Lambdas do."""

    before_each: Callable[[], None] = staticmethod(_nothing)

    name = "direct"

    def call(self, operation: str, headers: Headers = NONE, **fields: Any) -> Answer:
        """Send the operation; what the HTTP door says in headers, fields say here."""
        if headers.get("Accept") == "text/csv":
            fields["format"] = "csv"
        if "Idempotency-Key" in headers:
            fields["idempotency_key"] = headers["Idempotency-Key"]
        return self.send(operation, to_json(fields))

    def send(self, operation: str, text: str, **path: Any) -> Answer:
        """Send the text of a direct event, `operation` and `path` added where it is an object."""
        inner = text.strip().removeprefix("{").removesuffix("}").strip()
        own = to_json({"operation": operation, **path})
        return self.invoke(operation, own[:-1] + (f", {inner}" if inner else "") + "}")

    def invoke(self, operation: str, text: str) -> Answer:
        """Send that whole event to the operation's function; the runtime reads it with floats."""
        self.before_each()
        event = json.loads(text)
        try:
            answer = handler_of(function_of(operation))(event, Context())
        except Exception as error:  # noqa: BLE001 - as the runtime does with whatever is raised
            return Answer(None, {}, {}, _code(error), getattr(error, "field", None), str(error))
        body: Body = json.loads(json.dumps(answer, allow_nan=False))
        return Answer(None, body)


def _as_query(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)


def _code(error: Exception) -> str:
    """`ValidationError` -> `VALIDATION_ERROR`; another name than the contract's stays as it is."""
    return CODES.get(type(error).__name__, f"{type(error).__module__}.{type(error).__name__}")
