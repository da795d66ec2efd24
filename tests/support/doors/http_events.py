"""The events that API Gateway's HTTP API makes of requests, payload format 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from tests.support.doors.routes import Route

Body = dict[str, Any]
Headers = Mapping[str, str]
NONE: Headers = MappingProxyType({})


def http_event(
    route: Route,
    path: Mapping[str, Any],
    *,
    query: Headers = NONE,
    headers: Headers = NONE,
    body: str | None = None,
) -> Body:
    """The event that API Gateway makes of such a request."""
    raw_path = route.path
    for name, value in path.items():
        raw_path = raw_path.replace("{" + name + "}", str(value))
    sent = {"host": "api.example.com", "content-type": "application/json", "accept": "*/*"}
    event: Body = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": raw_path,
        "rawQueryString": urlencode(query, quote_via=quote),
        "headers": sent | {name.lower(): value for name, value in headers.items()},
        "requestContext": _request_context(route, raw_path),
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if path:
        event["pathParameters"] = {name: str(value) for name, value in path.items()}
    if body is not None:
        event["body"] = body
    return event


def _request_context(route: Route, raw_path: str) -> Body:
    caller = "arn:aws:iam::000000000000:user/tests"
    return {
        "accountId": "000000000000",
        "apiId": "tests",
        "authorizer": {"iam": {"accountId": "000000000000", "userArn": caller, "userId": "tests"}},
        "domainName": "api.example.com",
        "domainPrefix": "api",
        "http": {
            "method": route.method,
            "path": raw_path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "tests",
        },
        "requestId": "request-of-the-tests",
        "routeKey": route.key,
        "stage": "$default",
        "time": "22/Nov/2026:10:00:00 +0000",
        "timeEpoch": 1795341600000,
    }
