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
    """Answers SendTaskSuccess, SendTaskFailure and callbacks of durable functions, below the SDK.

    A token waits unless it was resumed, failed or is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all callbacks and faults."""
        self.woken: dict[str, dict[str, Any]] = {}
        self.failed: dict[str, tuple[str, dict[str, Any]]] = {}
        """Error and cause of each token that was failed."""
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
            token, output, error = _asked(request, durable=service == "lambda")

            def attempt() -> Any:
                return self._told(token, output, error), None

            return self.fate(attempt) if self.fate else attempt()

        monkeypatch.setattr(Endpoint, "_get_response", answered)

    def _told(
        self, token: str, output: str, failure: str | None
    ) -> tuple[AWSResponse, dict[str, Any]]:
        with self._lock:
            self.told[token] += 1
            over = "CallbackTimeoutException" if token.startswith("durable") else "TaskTimedOut"
            known = token in self.woken or token in self.failed
            code = self.gone.get(token) or (over if known else None)
            if code is None and failure is None:
                self.woken[token] = json.loads(output)
            elif code is None and failure is not None:
                self.failed[token] = (failure, json.loads(output))
        status, error = (400, {"Error": {"Code": code, "Message": code}}) if code else (200, {})
        metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        response = AWSResponse("https://states", status, HTTPHeaders(), None)
        return response, {**error, "ResponseMetadata": metadata}


def _asked(request: Any, *, durable: bool) -> tuple[str, str, str | None]:
    """The token of one attempt, its output or cause, and the error if it fails the token."""
    if durable:  # the callback id is part of the path
        *_, token, outcome = request.url.split("/")
        if outcome != "fail":
            return unquote(token), request.body.decode(), None
        told = json.loads(request.body)
        return unquote(token), told["ErrorMessage"], told["ErrorType"]
    asked = json.loads(request.body)
    return asked["taskToken"], asked.get("output") or asked["cause"], asked.get("error")


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
