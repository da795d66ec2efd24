"""Intercept HTTP attempts of botocore, below the SDK's retries."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pytest  # noqa: TC002 - as everywhere, types are imported for real
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.regions import EndpointRulesetResolver
from botocore.serialize import JSONSerializer
from botocore.signers import RequestSigner

from tests.support.memory.errors import DynamoError
from tests.support.memory.values.values import outward_item

_ITEMS = ("Item", "Attributes", "LastEvaluatedKey")


class Database(Protocol):
    """Interface that answers requests."""

    def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request."""


def install(
    database: Database, monkeypatch: pytest.MonkeyPatch, endpoint: str | None = None
) -> None:
    """Redirect all DynamoDB attempts, or those to the endpoint, to the database."""
    original = vars(Endpoint)["_get_response"]

    def answered(self: Any, request: Any, model: Any, context: Any) -> Any:
        if model.service_model.service_name != "dynamodb" or endpoint not in (None, self.host):
            return original(self, request, model, context)
        return _answer(database, request, model.name), None

    monkeypatch.setattr(Endpoint, "_get_response", answered)
    if endpoint is None:
        _spare(monkeypatch)


def _spare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip steps that the database does not need; they take a third of a request's time.

    These are the signature, the endpoint rules, which clients evaluate for each request, the look
    at each value's shape, and HTTP's own forms of a request. Events and retries are botocore's.
    """
    for owner, method, spared in (
        (RequestSigner, "sign", _signed),
        (EndpointRulesetResolver, "construct_endpoint", _constructed),
        (JSONSerializer, "serialize_to_request", _serialized),
        (Endpoint, "create_request", _created),
    ):
        monkeypatch.setattr(owner, method, spared(vars(owner)[method]))


def _signed(original: Any) -> Any:
    def signed(self: Any, *given: Any, **named: Any) -> None:
        if self._signing_name != "dynamodb":
            original(self, *given, **named)

    return signed


def _constructed(original: Any) -> Any:
    def constructed(self: Any, *given: Any, **named: Any) -> Any:
        if self._service_model.service_name != "dynamodb":
            return original(self, *given, **named)
        if "_found" not in vars(self):
            self._found = original(self, *given, **named)
        return self._found

    return constructed


def _serialized(original: Any) -> Any:
    def serialized(self: Any, parameters: Any, operation_model: Any) -> Any:
        if operation_model.service_model.service_name != "dynamodb":
            return original(self, parameters, operation_model)
        body = json.dumps(parameters, default=_base64).encode()
        return {**original(self, {}, operation_model), "body": body}

    return serialized


def _base64(value: bytes) -> str:
    """Return a binary as botocore sends it; there is nothing else that JSON does not have."""
    return b64encode(value).decode()


@dataclass
class _Request:
    """What is read of a request: botocore's has four forms of it."""

    url: str
    headers: Any
    body: bytes

    def reset_stream(self) -> None:
        """A text needs no reset."""


def _created(original: Any) -> Any:
    def created(self: Any, params: Any, operation_model: Any = None) -> Any:
        if operation_model is None or operation_model.service_model.service_name != "dynamodb":
            return original(self, params, operation_model)
        return _Request(params["url"], params["headers"], params["body"])

    return created


def _answer(database: Database, request: Any, operation: str) -> tuple[AWSResponse, Any]:
    try:
        parsed, status = outward(database.execute(operation, json.loads(request.body))), 200
    except DynamoError as error:
        parsed, status = _failure(error), error.status
    headers = HTTPHeaders()
    headers["content-type"] = "application/x-amz-json-1.0"
    parsed["ResponseMetadata"] = {
        "RequestId": "in-memory",
        "HTTPStatusCode": status,
        "HTTPHeaders": dict(headers.items()),
        "RetryAttempts": 0,
    }
    return AWSResponse(request.url, status, headers, None), parsed


def _failure(error: DynamoError) -> dict[str, Any]:
    extra = dict(error.extra)
    if "Item" in extra:
        extra["Item"] = outward_item(extra["Item"])
    if "CancellationReasons" in extra:
        extra["CancellationReasons"] = [_with_items(one) for one in extra["CancellationReasons"]]
    return {
        "Error": {"Code": error.code, "Message": error.message},
        "message": error.message,
        **extra,
    }


def outward(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy of the answer as botocore parses it: binaries are bytes."""
    copied = _with_items(answer)
    if "Items" in copied:
        copied["Items"] = [outward_item(one) for one in copied["Items"]]
    responses = copied.get("Responses")
    if isinstance(responses, list):
        copied["Responses"] = [_with_items(one) for one in responses]
    elif responses is not None:
        copied["Responses"] = {
            name: [outward_item(one) for one in items] for name, items in responses.items()
        }
        copied["UnprocessedKeys"] = {
            name: {**asked, "Keys": [outward_item(key) for key in asked["Keys"]]}
            for name, asked in copied["UnprocessedKeys"].items()
        }
    return copied


def _with_items(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: outward_item(value) if name in _ITEMS else value for name, value in part.items()}
