"""Fake Step Functions: state machines that wait with a task token."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.exceptions import ConnectTimeoutError

from tests.support.dynamodb.faults import Attempt, Fate

if TYPE_CHECKING:
    from collections.abc import Sequence


class Machines:
    """Answers SendTaskSuccess, and callbacks of durable functions, below the SDK.

    A token waits unless it was resumed or is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all callbacks and faults."""
        self.woken: dict[str, dict[str, Any]] = {}
        self.told: Counter[str] = Counter()
        self.gone: dict[str, str] = {}
        self.fate: Fate | None = None

    @property
    def names(self) -> Sequence[str]:
        """Return the resumed tokens, sorted."""
        return sorted(self.woken)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Redirect every Step Functions attempt of this process to this fake."""
        original = vars(Endpoint)["_get_response"]

        def answered(endpoint: Any, request: Any, model: Any, context: Any) -> Any:
            service = model.service_model.service_name
            if service not in {"stepfunctions", "lambda"}:
                return original(endpoint, request, model, context)
            token, output = _asked(request, durable=service == "lambda")

            def attempt() -> Any:
                return self._told(token, output), None

            return self.fate(attempt) if self.fate else attempt()

        monkeypatch.setattr(Endpoint, "_get_response", answered)

    def _told(self, token: str, output: str) -> tuple[AWSResponse, dict[str, Any]]:
        with self._lock:
            self.told[token] += 1
            over = "CallbackTimeoutException" if token.startswith("durable") else "TaskTimedOut"
            code = self.gone.get(token) or (over if token in self.woken else None)
            if code is None:
                self.woken[token] = json.loads(output)
        status, error = (400, {"Error": {"Code": code, "Message": code}}) if code else (200, {})
        metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        response = AWSResponse("https://states", status, HTTPHeaders(), None)
        return response, {**error, "ResponseMetadata": metadata}


def _asked(request: Any, *, durable: bool) -> tuple[str, str]:
    """The token and the output of one attempt."""
    if durable:  # the callback id is part of the path
        return unquote(request.url.split("/")[-2]), request.body.decode()
    asked = json.loads(request.body)
    return asked["taskToken"], asked["output"]


def out_of_reach(_: Attempt) -> Any:
    """Simulate an unreachable service."""
    return None, ConnectTimeoutError(endpoint_url="https://states")


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Machines:
    """The fake state machines of this process."""
    waiting = Machines()
    waiting.install(monkeypatch)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return waiting
