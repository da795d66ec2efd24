"""Make ministack's Step Functions behave as on AWS, as far as our state machines depend on it.

1. `TimeoutSeconds` may be a JSONata expression; ministack does not evaluate it.
2. A task that waits for a token fails at once when its Lambda raises, so that `Retry` and `Catch`
   see the error by its name; ministack ignores it and waits for the token.
3. The right to report a task is checked against the waiting state machine, as the role says;
   ministack checks it against all resources.
"""

# ruff: noqa: ANN401, SLF001 - it mends untyped insides of another program, on purpose

from __future__ import annotations

import functools
import json
import threading
from typing import Any

NAMES = (
    "_execute_task",
    "_jsonata_state_field",
    "_invoke_with_callback",
    "_call_lambda",
    "_task_tokens",
    "_ExecutionError",
)


_running = threading.local()
"""The state machine that runs in this thread, and its task token."""

_waiting: dict[str, str] = {}
"""The state machine of each task token, also of tokens that are no longer awaited."""


def mend_tasks(states: Any) -> None:
    """Evaluate a task's time-out before the task begins, and remember its state machine."""
    execute = states._execute_task

    @functools.wraps(execute)
    def execute_task(state: Any, raw_input: Any, execution: Any, context: Any) -> Any:
        _running.machine = execution["stateMachineArn"]
        if isinstance(state.get("TimeoutSeconds"), str):
            seconds = states._jsonata_state_field(
                state, "TimeoutSeconds", "number", raw_input, context
            )
            state = {**state, "TimeoutSeconds": seconds}
        return execute(state, raw_input, execution, context)

    states._execute_task = execute_task


def mend_callbacks(states: Any) -> None:
    """Let a Lambda's error end the wait for its task token."""
    invoke, call = states._invoke_with_callback, states._call_lambda

    @functools.wraps(invoke)
    def invoke_with_callback(resource: Any, arguments: Any, token: str, state: Any) -> Any:
        _running.token, _waiting[token] = token, _running.machine
        try:
            return invoke(resource, arguments, token, state)
        finally:
            _running.token = None

    @functools.wraps(call)
    def call_lambda(function: Any, event: Any) -> Any:
        try:
            return call(function, event)
        except states._ExecutionError as error:
            pending = states._task_tokens.get(getattr(_running, "token", None))
            if pending is not None:
                pending["error"] = {"Error": error.error, "Cause": error.cause}
                pending["event"].set()
            raise

    states._invoke_with_callback, states._call_lambda = invoke_with_callback, call_lambda


def mend_rights(actions: Any) -> None:
    """Use the waiting state machine as the resource of a task callback, for IAM."""
    extract = actions.extract_resource_arn

    @functools.wraps(extract)
    def extract_resource_arn(service: str, *request: Any) -> str:
        found = str(extract(service, *request))
        if service == "states" and found == "*":
            body = json.loads(request[3] or b"{}")
            return _waiting.get(body.get("taskToken"), found)
        return found

    actions.extract_resource_arn = extract_resource_arn
