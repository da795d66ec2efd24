"""The API on this machine's loopback: what API Gateway does, then the handlers of this process.

It matches routes, decodes paths once, refuses requests without a signature, and passes each other
request to its function as an event of payload format 2.0.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

from budget_monitor.entrypoints.door.callers.access import CATCH_ALL
from tests.support.doors.doors import Context, handler_of
from tests.support.doors.http_events import ENVELOPE, Body
from tests.support.doors.routes import ROUTES, Route

SIGNED = "AWS4-HMAC-SHA256 Credential=tests"
"""The only value of the header `Authorization` that counts as signed."""
METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY")
FORBIDDEN = {"statusCode": 403, "headers": {"content-type": "application/json"}}
_one_at_a_time = threading.Lock()


@contextmanager
def serving() -> Iterator[str]:
    """The address of the API, which is served within the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The response to a request; `target` is its path, still encoded, with its query."""
    if headers.get("authorization") != SIGNED:
        return {**FORBIDDEN, "body": json.dumps({"message": "Forbidden"})}
    raw, _, query = target.partition("?")
    route, values = _matched(method, raw)
    event: Body = json.loads(ENVELOPE)
    event["requestContext"]["http"] |= {"method": method, "path": unquote(raw)}
    event |= {"rawPath": unquote(raw), "rawQueryString": query}
    event |= {"routeKey": CATCH_ALL if route is None else route.key}
    event["headers"] |= headers
    event |= {"queryStringParameters": _joined(query)} if query else {}
    event |= {"pathParameters": values} if values else {}
    event |= _body(body) if body else {}
    function = "reporting" if route is None else route.function
    found: dict[str, Any] = handler_of(function)(event, Context())
    return found


def _matched(method: str, raw: str) -> tuple[Route | None, dict[str, str]]:
    """The route with the fewest placeholders that matches, and their values, decoded."""
    for route in sorted(ROUTES.values(), key=lambda one: len(one.placeholders)):
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path.replace(".", r"\."))
        match = re.fullmatch(pattern, raw) if route.method == method else None
        if match:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}


def _joined(query: str) -> dict[str, str]:
    """One value for each name: API Gateway joins those of one name by commas."""
    joined = dict[str, str]()
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes) -> Body:
    try:
        return {"body": body.decode("utf-8"), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


class _Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Any:
        if name.removeprefix("do_") in METHODS:
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        with _one_at_a_time:
            found = answer(self.command, self.path, headers, body)
        content = str(found["body"]).encode()
        self.send_response(found["statusCode"])
        lengthened: Iterable[tuple[str, Any]] = (
            *found["headers"].items(), ("content-length", len(content)),
        )  # fmt: skip
        for name, value in lengthened:
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing: the functions log each request."""
