"""The functions' handlers behind the client's own transports: an HTTP pool and a Lambda client."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from budget_monitor.domain.errors import BudgetMonitorError
from budget_monitor_client import BudgetMonitor, HttpTransport, LambdaTransport, Retry
from budget_monitor_client.sending import Transport
from tests.support.doors.doors import Context, handler_of
from tests.support.doors.http_events import http_event
from tests.support.doors.routes import ROUTES, Route

URL = "https://api.example.com"
NO_WAIT = Retry(sleep=lambda _: None)
FUNCTIONS = ("checking", "tracking", "reporting", "budgeting", "alerting", "resetting", "expiring")


@dataclass
class RawAnswer:
    """An answer as urllib3 gives it."""

    status: int
    headers: dict[str, str]
    data: bytes


@dataclass
class HandlerPool:
    """A connection pool at whose other end the handlers are."""

    seen: list[dict[str, str]] = field(default_factory=list)

    def request(self, method: str, url: str, *, body: bytes, headers: dict[str, str]) -> RawAnswer:
        """Send the request to the handler of its route."""
        self.seen.append(headers)
        parts = urlsplit(url)
        route, path = _found(method, parts.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        event = http_event(route, path, query=query, headers=headers, body=body.decode() or None)
        answer = handler_of(route.function)(event, Context())
        said = {name.lower(): str(value) for name, value in answer["headers"].items()}
        return RawAnswer(int(answer["statusCode"]), said, answer["body"].encode())


def _found(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for route in sorted(ROUTES.values(), key=lambda one: "{" in one.path):
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)
        match = re.fullmatch(pattern, path)
        if match and route.method == method:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    raise AssertionError(f"no route for {method} {path}")


class HandlerFunctions:
    """boto3's Lambda client, with the handlers in this process."""

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Call the function's handler; an exception is answered as Lambda answers it."""
        try:
            answer = handler_of(FunctionName)(json.loads(Payload), Context())
        except BudgetMonitorError as error:
            said = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


def http() -> Transport:
    """Return the HTTP transport with the handlers behind it."""
    return HttpTransport(URL, token="a-token", pool=HandlerPool())  # type: ignore[arg-type]  # noqa: S106


def direct() -> Transport:
    """Return the transport by invocation with the handlers behind it."""
    return LambdaTransport({name: name for name in FUNCTIONS}, client=HandlerFunctions())


TRANSPORTS: dict[str, Callable[[], Transport]] = {"http": http, "direct": direct}


def client(transport: Transport | None = None, **options: Any) -> BudgetMonitor:
    """Return a client that does not wait between attempts."""
    return BudgetMonitor(transport or direct(), retry=NO_WAIT, **options)
