"""State machines that wait with a task token."""

from functools import cached_property
from typing import Any

from budget_monitor.domain.errors import UnavailableError

CONNECT_SECONDS, READ_SECONDS = 1.0, 2.0

ATTEMPTS = 2
"""A telling whose answer is lost is found to be done at the next one: nobody waits any longer."""

_GONE = {"TaskDoesNotExist", "TaskTimedOut", "InvalidToken", "ValidationException"}
"""What is said of a token that nobody waits with, or that never was one."""


class StepFunctions:
    """Wakes tasks that wait. The SDK is loaded when the first one is to be woken."""

    def __init__(self, region: str) -> None:
        self._region = region

    def wake(self, task_token: str, output: str) -> bool:
        """Let the task go on with this output, once; False where it waits no longer.

        Raises UnavailableError. Source of the codes: the API reference of SendTaskSuccess.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

        try:
            self._client.send_task_success(taskToken=task_token, output=output)
        except ClientError as fault:
            if fault.response.get("Error", {}).get("Code") in _GONE:
                return False
            raise UnavailableError("the waiting state machine could not be told yet") from fault
        except BotoCoreError as fault:
            raise UnavailableError("the waiting state machine could not be told yet") from fault
        return True

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        import boto3  # noqa: PLC0415 - lean imports
        from botocore.config import Config  # noqa: PLC0415

        limits = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        return boto3.client("stepfunctions", region_name=self._region, config=limits)
