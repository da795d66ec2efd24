"""Which failures of a call say that the provider bills nothing."""

from __future__ import annotations

import types

import pytest
import requests
import urllib3
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from budget_monitor_client.guard.failures import was_sent


def bedrock(status: int) -> ClientError:
    error = {"Code": "SomeException", "Message": "no"}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, "Converse")  # type: ignore[typeddict-item]


class WithCodeError(Exception):
    """As Google's SDK raises."""

    def __init__(self, code: object) -> None:
        super().__init__(code)
        self.code = code


class WithResponseError(Exception):
    """As httpx raises."""

    def __init__(self, status_code: int) -> None:
        super().__init__(status_code)
        self.response = types.SimpleNamespace(status_code=status_code)


@pytest.mark.parametrize(
    "error",
    [
        *(bedrock(400), bedrock(403), bedrock(429), WithCodeError(429), WithResponseError(422)),
        EndpointConnectionError(endpoint_url="https://bedrock"),
        requests.ConnectTimeout(),
        urllib3.exceptions.NewConnectionError(urllib3.connection.HTTPConnection("x"), "refused"),
        ConnectionRefusedError(),
    ],
    ids=repr,
)
def test_a_call_that_was_refused_or_not_connected_was_not_sent(error: Exception) -> None:
    assert not was_sent(error)


@pytest.mark.parametrize(
    "error",
    [
        *(bedrock(424), bedrock(500), WithCodeError(503), WithCodeError("429")),
        *(WithResponseError(408), WithResponseError(529)),
        ReadTimeoutError(endpoint_url="https://bedrock"),
        requests.ReadTimeout(),
        requests.ConnectionError("the connection broke"),
        ConnectionResetError(),
        SystemExit(400),
        KeyboardInterrupt(),
        ValueError("JSON"),
    ],
    ids=repr,
)
def test_after_every_other_failure_the_call_may_be_billed(error: BaseException) -> None:
    assert was_sent(error)


def test_exceptions_that_are_each_others_cause_are_looked_at_once() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert was_sent(one)
