"""Budget Monitor by direct invocation of its functions, with boto3."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from budget_monitor_client.errors import (
    NAMED,
    ForbiddenError,
    NoAnswerError,
    UnexpectedAnswerError,
)
from budget_monitor_client.routes import ROUTES
from budget_monitor_client.values import Answer, Fields, to_json

_FORBIDDEN, _NOT_SENT = {"AccessDeniedException"}, {"ResourceNotFoundException"}


class NoFunctionError(ValueError):
    """The function for the operation is not configured."""


class LambdaTransport:
    """The functions of a stack.

    `functions` has their ARNs or names by function, for example `{"checking": "arn:..."}`. One
    that is left out is taken from the environment: CHECKING_FUNCTION_ARN, TRACKING_FUNCTION_ARN
    and so on, as the stack's outputs are named.
    """

    def __init__(
        self,
        functions: Mapping[str, str] | None = None,
        *,
        client: Any = None,  # noqa: ANN401 - boto3 makes its clients' classes at run time
        timeout_seconds: float = 35,
    ) -> None:
        self._functions = dict(functions or {})
        self._client = client or _client(timeout_seconds)

    def request(self, operation: str, fields: Fields) -> Answer:
        """Invoke the operation once. Raises NoFunctionError if its function is not known."""
        payload = to_json({"operation": operation, **fields})
        name = self._function(ROUTES[operation].function)
        try:
            reply = self._client.invoke(FunctionName=name, Payload=payload.encode())
            answer = json.loads(reply["Payload"].read())
        except Exception as error:
            raise _failure(error) from error
        if "FunctionError" in reply:
            raise _raised(answer)
        if not isinstance(answer, dict):
            raise UnexpectedAnswerError(f"{name} answered {answer!r}")
        return answer

    def _function(self, function: str) -> str:
        variable = f"{function.upper()}_FUNCTION_ARN"
        found = self._functions.get(function) or os.environ.get(variable)
        if not found:
            raise NoFunctionError(f"give the function {function!r}, or set {variable}")
        return found


def _failure(error: Exception) -> Exception:
    """Return the error of a failed invocation: it may have run, unless AWS refused it."""
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    if code in _FORBIDDEN:
        return ForbiddenError(str(error))
    if code in _NOT_SENT:
        return UnexpectedAnswerError(str(error))
    return NoAnswerError(f"the invocation got no answer: {error}")


def _raised(answer: Mapping[str, Any]) -> Exception:
    """The exception that the function raised; NoAnswerError if it died or ran out of time."""
    message = str(answer.get("errorMessage"))
    known = NAMED.get(str(answer.get("errorType")))
    return known(message) if known else NoAnswerError(f"{answer.get('errorType')}: {message}")


def _client(timeout_seconds: float) -> Any:  # noqa: ANN401 - as above
    import boto3  # noqa: PLC0415 - loaded only where functions are invoked
    from botocore.config import Config  # noqa: PLC0415

    once = Config(retries={"total_max_attempts": 1}, read_timeout=timeout_seconds)
    return boto3.client("lambda", config=once)
