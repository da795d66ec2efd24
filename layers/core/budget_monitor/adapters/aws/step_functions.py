"""Call back state machines that wait with a task token."""

from functools import cached_property
from typing import Any, Literal

from budget_monitor.domain.errors import UnavailableError

CONNECT_SECONDS, READ_SECONDS = 1.0, 2.0

ATTEMPTS = 2
"""Attempts per callback. If an answer was lost, the retry finds that the task no longer waits."""

_GONE = {"TaskDoesNotExist", "TaskTimedOut", "InvalidToken", "ValidationException"}
"""Error codes for a token whose task no longer waits, or that never was valid."""


class StepFunctions:
    """The `TaskTokens` port. The SDK is loaded at the first callback."""

    def __init__(self, region: str) -> None:
        self._region = region

    def resume(self, task_token: str, output: str) -> bool:
        """Resume the task with this output; False if it no longer waits.

        Raises UnavailableError. Source of the codes: the API reference of SendTaskSuccess.
        """
        return self._sent("send_task_success", taskToken=task_token, output=output)

    def fail(self, task_token: str, error: str, cause: str) -> bool:
        """Fail the task; False if it no longer waits. Raises UnavailableError."""
        return self._sent("send_task_failure", taskToken=task_token, error=error, cause=cause)

    def _sent(self, method: str, **named: str) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

        try:
            getattr(self._client, method)(**named)
        except ClientError as fault:
            if fault.response.get("Error", {}).get("Code") in _GONE:
                return False
            raise UnavailableError(
                "the waiting state machine could not be called back yet"
            ) from fault
        except BotoCoreError as fault:
            raise UnavailableError(
                "the waiting state machine could not be called back yet"
            ) from fault
        return True

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return callback_client("stepfunctions", self._region)


def callback_client(service: Literal["lambda", "stepfunctions"], region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients
    """A client that completes callbacks, and gives up within seconds."""
    import boto3  # noqa: PLC0415 - lean imports
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
    return boto3.client(service, region_name=region, config=limits)
