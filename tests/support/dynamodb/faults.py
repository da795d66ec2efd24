"""Fault injection below the SDK, per HTTP attempt of an AWS client.

`faults(monkeypatch, ...)` sets the faults of the next attempts at one operation; later attempts
pass. A kill is a `BaseException`, so that no `except Exception` catches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    import pytest

Attempt = Callable[[], Any]
Fate = Callable[[Attempt], Any]


class KilledError(BaseException):
    """The function's process was killed here."""


def answer_lost(attempt: Attempt) -> Any:
    """The database executes the request; the response is lost."""
    attempt()
    return None, ReadTimeoutError(endpoint_url="https://database")


def never_sent(_: Attempt) -> Any:
    """The connection breaks before the request is executed."""
    return None, ReadTimeoutError(endpoint_url="https://database")


def killed_before(_: Attempt) -> Any:
    """The process is killed before it sends the request."""
    raise KilledError


def killed_after(attempt: Attempt) -> Any:
    """The process is killed after the database executed the request."""
    attempt()
    raise KilledError


def cancelled(*reasons: str) -> Fate:
    """The transaction is cancelled with these reasons, one per item."""
    body = {
        "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
        "CancellationReasons": [{"Code": reason, "Message": reason} for reason in reasons],
    }
    return lambda _: _failed(400, body)


def refused(code: str, status: int = 400) -> Fate:
    """The database refuses the whole request."""
    return lambda _: _failed(status, {"Error": {"Code": code, "Message": code}})


def _failed(status: int, body: dict[str, Any]) -> Any:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    response = AWSResponse("https://database", status, HTTPHeaders(), None)
    return (response, {**body, "ResponseMetadata": metadata}), None


def faults(
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    fates: Sequence[Fate],
    *,
    for_ever: bool = False,
) -> list[str]:
    """Inject these faults into the next attempts at `operation`. Return the log of all attempts."""
    waiting = list(fates)
    log: list[str] = []
    original: Any = vars(Endpoint)["_get_response"]

    def meet(self: Any, request: Any, model: Any, context: Any) -> Any:
        log.append(model.name)

        def attempt() -> Any:
            return original(self, request, model, context)

        if model.name != operation or not waiting:
            return attempt()
        return (waiting[0] if for_ever else waiting.pop(0))(attempt)

    monkeypatch.setattr(Endpoint, "_get_response", meet)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return log
