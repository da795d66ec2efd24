"""Complete callbacks of Lambda durable functions that wait for a person."""

from functools import cached_property
from typing import Any

from budget_monitor.adapters.aws.step_functions import StepFunctions, callback_client
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.workflows import callback_of

_GONE = {"CallbackTimeoutException", "ResourceNotFoundException", "InvalidParameterValueException"}
"""Error codes for a callback that was completed, timed out, or never was valid."""


class Callbacks:
    """The `TaskTokens` port: task tokens of Step Functions, callback ids of durable functions."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._step_functions = StepFunctions(region)

    def resume(self, task_token: str, output: str) -> bool:
        """Resume the waiting function with this output; False if it no longer waits.

        Raises UnavailableError. Source of the codes: the API reference of
        SendDurableExecutionCallbackSuccess.
        """
        callback_id = callback_of(task_token)
        if callback_id is None:
            return self._step_functions.resume(task_token, output)
        return self._sent("success", callback_id, Result=output.encode())

    def fail(self, task_token: str, error: str, cause: str) -> bool:
        """Fail the waiting function with this error and cause; False if it no longer waits.

        Raises UnavailableError.
        """
        callback_id = callback_of(task_token)
        if callback_id is None:
            return self._step_functions.fail(task_token, error, cause)
        told = {"ErrorType": error, "ErrorMessage": cause}
        return self._sent("failure", callback_id, Error=told)

    def _sent(self, outcome: str, callback_id: str, **named: Any) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

        send = getattr(self._client, f"send_durable_execution_callback_{outcome}")
        try:
            send(CallbackId=callback_id, **named)
        except ClientError as fault:
            if fault.response.get("Error", {}).get("Code") in _GONE:
                return False
            raise UnavailableError("the durable function could not be called back yet") from fault
        except BotoCoreError as fault:
            raise UnavailableError("the durable function could not be called back yet") from fault
        return True

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return callback_client("lambda", self._region)
