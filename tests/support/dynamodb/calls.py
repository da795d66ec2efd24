"""Record a request's DynamoDB calls, one HTTP attempt at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.endpoint import Endpoint

WRITES = {
    "TransactWriteItems",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "BatchExecuteStatement",
}


@dataclass(frozen=True)
class Call:
    """One attempt: the operation, its parameters, and whether DynamoDB executed it."""

    operation: str
    request: dict[str, Any]
    succeeded: bool
    size: int = 0
    """Bytes of the request's body."""

    @property
    def wrote(self) -> bool:
        """True if the call changed stored data."""
        return self.succeeded and self.operation in WRITES


class Calls(list[Call]):
    """The calls in order."""

    @property
    def operations(self) -> list[str]:
        """Return the names of the operations."""
        return [call.operation for call in self]


@contextmanager
def recorded_calls() -> Iterator[Calls]:
    """Record every attempt within the block, below the SDK's retries."""
    calls = Calls()
    original = vars(Endpoint)["_get_response"]  # every attempt passes here

    def noted(self: Endpoint, request: Any, *rest: Any, **named: Any) -> Any:
        response, error = original(self, request, *rest, **named)
        succeeded = response is not None and response[0].status_code == 200
        text = _text(request.body)
        calls.append(Call(_name(request), json.loads(text), succeeded, len(text.encode())))
        return response, error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Endpoint, "_get_response", noted)
        yield calls


def _name(request: Any) -> str:
    return _text(request.headers["X-Amz-Target"]).rpartition(".")[2]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
