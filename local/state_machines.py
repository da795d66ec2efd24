"""Make ministack's Step Functions do what AWS does, where a state machine of ours would notice.

1. `TimeoutSeconds` may be a JSONata expression; ministack hands the text to its clock.
2. A task that waits for a token fails at once when its Lambda raises, so that `Retry` and `Catch`
   see the error by its name; ministack ignores it and waits for a token that nobody has.
"""

# ruff: noqa: ANN401, SLF001 - it mends untyped insides of another program, on purpose

from __future__ import annotations

import functools
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


def mend_time_outs(states: Any) -> None:
    """Evaluate a task's time-out before the task begins."""
    execute = states._execute_task

    @functools.wraps(execute)
    def execute_timed(state: Any, raw_input: Any, execution: Any, context: Any) -> Any:
        if isinstance(state.get("TimeoutSeconds"), str):
            seconds = states._jsonata_state_field(
                state, "TimeoutSeconds", "number", raw_input, context
            )
            state = {**state, "TimeoutSeconds": seconds}
        return execute(state, raw_input, execution, context)

    states._execute_task = execute_timed


def mend_callbacks(states: Any) -> None:
    """Let a Lambda's error end the wait for the token that it was given."""
    invoke, call, waiting = states._invoke_with_callback, states._call_lambda, threading.local()

    @functools.wraps(invoke)
    def invoke_with_callback(resource: Any, arguments: Any, token: str, state: Any) -> Any:
        waiting.token = token
        try:
            return invoke(resource, arguments, token, state)
        finally:
            waiting.token = None

    @functools.wraps(call)
    def call_lambda(function: Any, event: Any) -> Any:
        try:
            return call(function, event)
        except states._ExecutionError as error:
            pending = states._task_tokens.get(getattr(waiting, "token", None))
            if pending is not None:
                pending["error"] = {"Error": error.error, "Cause": error.cause}
                pending["event"].set()
            raise

    states._invoke_with_callback, states._call_lambda = invoke_with_callback, call_lambda
