"""Budget Monitor over HTTP, with requests signed by Signature Version 4 or a bearer token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from budget_monitor_client.errors import (
    CODED,
    BudgetMonitorError,
    ForbiddenError,
    NoAnswerError,
    UnavailableError,
    UnexpectedAnswerError,
)
from budget_monitor_client.routes import ROUTES
from budget_monitor_client.sending import KEY
from budget_monitor_client.transports.tokens import Authorise, Token, bearer
from budget_monitor_client.values import Answer, Fields, to_json

Headers = dict[str, str]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_REFUSED, _UNAUTHORISED, _FORBIDDEN, _BUSY, _FAULT = 300, 401, 403, 429, 500
_TEXTS = {"text/csv": "csv", "application/x-ndjson": "jsonl"}


class HttpTransport:
    """The HTTP API at `url`.

    Requests carry the bearer `token`, or else a signature of the AWS credentials that boto3 would
    use, for `region` or the URL's own. A `token` that is a function is called for each request, so
    it should keep the token until it ends; after a 401 it is called once more and the request is
    sent again. It is called by several threads if the client is shared.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token | None = None,
        region: str | None = None,
        timeout_seconds: float = 10,
        pool: urllib3.PoolManager | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"{url} must begin with https://: requests carry credentials")
        self._url = url.rstrip("/")
        self._authorise = bearer(token) if token else signed(region or _region(parts.hostname))
        self._renews = callable(token)
        self._pool = pool or urllib3.PoolManager(
            maxsize=16, retries=False, timeout=urllib3.Timeout(timeout_seconds)
        )

    def request(self, operation: str, fields: Fields) -> Answer:
        """Send the operation once. Raises ValueError for one that has no route."""
        prepared = self._prepared(operation, fields)
        raw = self._sent(*prepared)
        if raw.status == _UNAUTHORISED and self._renews:  # the function has not run
            raw = self._sent(*prepared)
        return _read(raw.status, raw.headers, raw.data)

    def _sent(
        self, method: str, url: str, headers: Headers, body: bytes
    ) -> urllib3.BaseHTTPResponse:
        authorised = self._authorise(method, url, headers, body)
        try:
            return self._pool.request(method, url, body=body, headers=authorised)
        except urllib3.exceptions.HTTPError as error:
            raise NoAnswerError(f"{method} {url} got no answer: {error}") from error

    def _prepared(self, operation: str, fields: Fields) -> tuple[str, str, Headers, bytes]:
        route, rest = ROUTES[operation], dict(fields)
        if route.path is None or route.method is None:
            raise ValueError(f"{operation} has no route over HTTP: invoke it directly")
        path = route.path
        for name in list(rest):
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", quote(str(rest.pop(name)), safe=""))
        headers = {"content-type": "application/json"}
        if KEY in rest:
            headers["idempotency-key"] = str(rest.pop(KEY))
        if route.method in {"GET", "DELETE"}:
            query = urlencode({name: _as_query(one) for name, one in rest.items()}, quote_via=quote)
            return route.method, self._url + path + (f"?{query}" if query else ""), headers, b""
        return route.method, self._url + path, headers, to_json(rest).encode()


def _as_query(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(str(one) for one in value)
    return to_json(value).strip('"')


def _read(status: int, headers: Mapping[str, str], data: bytes) -> Answer:
    """Return the answer's object. Raises the exception class of an error."""
    media = headers.get("content-type", "").partition(";")[0]
    if status < _REFUSED and media in _TEXTS:
        return {_TEXTS[media]: data.decode(), "cursor": headers.get("x-next-cursor")}
    try:
        body = json.loads(data)
    except ValueError:
        body = None
    if isinstance(body, dict) and status < _REFUSED:
        return body
    raise _error(status, body, data)


def _error(status: int, body: Any, data: bytes) -> BudgetMonitorError:  # noqa: ANN401 - JSON
    said: dict[str, Any] = body if isinstance(body, dict) else {}
    known = CODED.get(str(said.get("error")))
    if known:
        return known(str(said["message"]), said.get("field"), said.get("request_id"))
    text = f"the answer was {status}: {said.get('message') or data[:200].decode(errors='replace')}"
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        return ForbiddenError(text)
    if status == _BUSY:
        return UnavailableError(text)
    return NoAnswerError(text) if status >= _FAULT else UnexpectedAnswerError(text)


def signed(region: str | None) -> Authorise:
    """Sign requests with the AWS credentials of this process.

    Raises ImportError without botocore, and ValueError where no region or credentials are found.
    """
    try:
        from botocore.auth import SigV4Auth  # noqa: PLC0415 - only where requests are signed
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.session import Session  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("give a token, or install budget-monitor[aws] for signatures") from error
    session = Session()
    region = region or session.get_config_variable("region")
    if not region:
        raise ValueError("give the region of the API")
    credentials = session.get_credentials()
    if credentials is None:
        raise ValueError("no AWS credentials were found, and no token was given")

    def authorise(method: str, url: str, headers: Headers, body: bytes) -> Headers:
        request = AWSRequest(method, url, dict(headers), body)
        SigV4Auth(credentials, "execute-api", region).add_auth(request)
        return dict(request.headers)

    return authorise


def _region(host: str | None) -> str | None:
    """The region in the host name of an API: `x.execute-api.eu-central-1.amazonaws.com`."""
    parts = (host or "").split(".")
    found = parts.index("execute-api") + 1 if "execute-api" in parts else len(parts)
    return parts[found] if found < len(parts) else None
