"""Further invocations of a function: asynchronous, with the same event, and never lost silently."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint

from budget_monitor.adapters.aws.self_invoke import SelfInvoke
from budget_monitor.config import Config
from budget_monitor.domain.errors import ConfigurationError, UnavailableError
from tests.support.memory.fixture import MemoryCloud

EVENT = {"operation": "close_month", "tenants": ["acme", "globex"]}


def lambda_answers(monkeypatch: pytest.MonkeyPatch, status: int) -> list[Any]:
    """Answer every request with this status; return the requests."""
    asked = list[Any]()

    def answered(_: Any, request: Any, *__: Any) -> Any:
        asked.append(request)
        error = {"Error": {"Code": "ServiceException", "Message": "down"}} if status >= 400 else {}
        metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        response = AWSResponse("https://lambda", status, HTTPHeaders(), None)
        return (response, {**error, "ResponseMetadata": metadata}), None

    monkeypatch.setattr(Endpoint, "_get_response", answered)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return asked


def config() -> Config:
    return replace(Config.from_environment(), function_name="resetting")


def test_the_event_is_queued_for_the_same_function(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = lambda_answers(monkeypatch, 202)
    relay = SelfInvoke(config())
    relay.pass_on(EVENT)
    relay.pass_on({})
    first, second = asked
    assert "/functions/resetting/invocations" in first.url
    assert first.headers["X-Amz-Invocation-Type"] == b"Event"
    assert (json.loads(first.body), json.loads(second.body)) == (EVENT, {})


def test_a_refused_invocation_is_a_503_after_four_attempts(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = lambda_answers(monkeypatch, 500)
    with pytest.raises(UnavailableError, match="could not be passed on"):
        SelfInvoke(config()).pass_on(EVENT)
    assert len(asked) == 4


def test_outside_of_lambda_there_is_no_function_to_invoke(memory_cloud: MemoryCloud) -> None:
    with pytest.raises(ConfigurationError, match="only a deployed function"):
        SelfInvoke(Config.from_environment()).pass_on(EVENT)
