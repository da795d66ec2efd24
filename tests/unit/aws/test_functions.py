"""Functions that are invoked and waited for."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from budget_monitor.adapters.aws.functions import LambdaFunctions
from budget_monitor.config import InterceptingConfig
from budget_monitor.domain.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    UnavailableError,
)

CONFIG = InterceptingConfig("eu-central-1", "checking", "tracking", "", "tenant_id", "sub")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is invoked; the answer is taken from the event itself."""
    found: list[Any] = []

    def invoke(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        event = json.loads(request["Payload"])
        found.append((operation, request["FunctionName"], event))
        if event == {"broken": True}:
            raise EndpointConnectionError(endpoint_url="nowhere")
        answer = {"Payload": io.BytesIO(json.dumps(event).encode())}
        return answer | ({"FunctionError": "Unhandled"} if "errorType" in event else {})

    monkeypatch.setattr(BaseClient, "_make_api_call", invoke)
    return found


def test_each_function_is_invoked_by_its_arn(clean_environment: None, asked: list[Any]) -> None:
    functions = LambdaFunctions(CONFIG)
    assert functions.checking({"a": 1}) == {"a": 1}
    assert functions.tracking({"b": 2}) == {"b": 2}
    assert [one[:2] for one in asked] == [("Invoke", "checking"), ("Invoke", "tracking")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConflictError", ConflictError),
        ("NotFoundError", NotFoundError),
        ("Runtime.ExitError", UnavailableError),
    ],
)
def test_an_error_is_raised_as_the_function_raised_it(
    clean_environment: None, asked: list[Any], name: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match="because"):
        LambdaFunctions(CONFIG).checking({"errorType": name, "errorMessage": "because"})


def test_a_function_that_cannot_be_reached_is_unavailable(
    clean_environment: None, asked: list[Any]
) -> None:
    with pytest.raises(UnavailableError):
        LambdaFunctions(CONFIG).checking({"broken": True})
    with pytest.raises(ConfigurationError):
        LambdaFunctions(CONFIG).next_interceptor({})
