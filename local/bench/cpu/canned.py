"""Canned answers of DynamoDB: only the CPU time of the caller is left to measure."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint

Answers = Mapping[str, bytes]
"""The pickled parsed answer of each kind of request."""


class Requests(list[tuple[str, dict[str, Any]]]):
    """The operation and the parameters of each request, in order, and their answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, bytes] = {}


def kind_of(operation: str, request: dict[str, Any]) -> str:
    """Return what tells one request of a call from the others: the operation and its tables."""
    return "/".join([operation, *sorted(request.get("RequestItems", ()))])


@contextmanager
def kept_answers() -> Iterator[Requests]:
    """Keep the requests within the block and the answers that they get."""
    kept, original = Requests(), vars(Endpoint)["_get_response"]

    def asked(self: Endpoint, request: Any, model: Any, context: Any) -> Any:  # noqa: ANN401
        found, error = original(self, request, model, context)
        parameters = json.loads(request.body)
        kept.append((model.name, parameters))
        kept.answers[kind_of(model.name, parameters)] = pickle.dumps(found[1])
        return found, error

    _replace(asked)
    try:
        yield kept
    finally:
        _replace(original)


def answer_from(answers: Answers) -> None:
    """Answer all requests of this process from now on. Raises LookupError for an unknown kind."""

    def answered(self: Endpoint, request: Any, model: Any, context: Any) -> Any:  # noqa: ANN401
        del self, context
        body = request.body if isinstance(request.body, bytes) else request.body.encode()
        found = next(one for kind, one in answers.items() if _fits(kind, model.name, body))
        # The answer is ours, pickled in this run.
        parsed = pickle.loads(found)  # noqa: S301
        return (AWSResponse(request.url, 200, HTTPHeaders(), None), parsed), None

    _replace(answered)


def _fits(kind: str, operation: str, body: bytes) -> bool:
    named, *tables = kind.split("/")
    return named == operation and all(table.encode() in body for table in tables)


def _replace(method: Any) -> None:  # noqa: ANN401 - botocore's own
    setattr(Endpoint, "_get_response", method)  # noqa: B010 - mypy sees a method
