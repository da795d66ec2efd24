"""A client of the deployed HTTP API: signed requests, kept-alive connections, retries on 503."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials  # noqa: TC002 - a dataclass reads it

from local.settings import REGION, credentials

BUSY = {429, 503}
ATTEMPTS = 8
FIRST_PAUSE = 0.05


class ApiError(Exception):
    """The API gave an unexpected answer; the message has the request and the answer."""


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON object of the body."""

    status: int
    body: dict[str, Any]


@dataclass
class Api:
    """The API at one address, for one caller; safe to share between threads."""

    url: str
    caller: Credentials = field(default_factory=credentials)
    connections: int = 16
    region: str = REGION

    def __post_init__(self) -> None:
        """Open a connection pool without a proxy and without retries of its own."""
        self._pool = urllib3.PoolManager(maxsize=self.connections, retries=False, timeout=60.0)
        self._signer = SigV4Auth(self.caller, "execute-api", self.region)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """The body of a 200; raises ApiError on anything else."""
        answer = self.call("GET", f"{path}?{urlencode(query)}" if query else path)
        if answer.status != HTTPStatus.OK:
            raise ApiError(f"GET {path} answered {answer.status}: {answer.body}")
        return answer.body

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """The answer to a POST, whatever its status."""
        return self.call("POST", path, json.dumps(body).encode())

    def call(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Send a request, and retry while the service answers 429 or 503.

        Every request that changes something has an id of its own, so a retry counts once.
        """
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter
            answer = self._send(method, path, body)
            if answer.status not in BUSY:
                return answer
        raise ApiError(f"{method} {path} stayed busy: {answer.status} {answer.body}")

    def _send(self, method: str, path: str, body: bytes) -> Answer:
        url = self.url + path
        request = AWSRequest(method, url, {"content-type": "application/json"}, body)
        self._signer.add_auth(request)
        try:
            raw = self._pool.request(method, url, body=body, headers=dict(request.headers))
        except urllib3.exceptions.HTTPError as error:
            raise ApiError(f"{method} {path} got no answer: {error}") from error
        return Answer(raw.status, _object(raw.data))


def _object(data: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except ValueError:
        return {"message": data.decode(errors="replace")}
    return parsed if isinstance(parsed, dict) else {"message": str(parsed)}
