"""Events of API Gateway's HTTP API, payload format 2.0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from tests.support.doors.routes import Route
from tests.support.paths import ROOT

Body = dict[str, Any]
Headers = Mapping[str, str]
NONE: Headers = MappingProxyType({})
ENVELOPE = (ROOT / "events" / "api.json").read_text()
"""Common parts of all API events. Route, path, query and body are added per request."""


def http_event(
    route: Route,
    path: Mapping[str, Any],
    *,
    query: Headers = NONE,
    headers: Headers = NONE,
    body: str | None = None,
) -> Body:
    """Return the event that API Gateway creates from the request."""
    raw_path = route.path
    for name, value in path.items():
        raw_path = raw_path.replace("{" + name + "}", str(value))
    event: Body = json.loads(ENVELOPE)
    event["headers"] |= {name.lower(): value for name, value in headers.items()}
    event["requestContext"]["http"] |= {"method": route.method, "path": raw_path}
    event["requestContext"]["routeKey"] = route.key
    event |= {
        "routeKey": route.key,
        "rawPath": raw_path,
        "rawQueryString": urlencode(query, quote_via=quote),
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if path:
        event["pathParameters"] = {name: str(value) for name, value in path.items()}
    if body is not None:
        event["body"] = body
    return event


def catch_all_event(method: str, path: str) -> Body:
    """The event of a request that no route matches: it has no path parameters."""
    event: Body = json.loads(ENVELOPE)
    event["requestContext"]["http"] |= {"method": method, "path": path}
    return event | {"rawPath": path}
