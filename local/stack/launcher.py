"""Start ministack, patched where it differs from AWS: `python -m local.stack.launcher`.

1. A handler's exception keeps its class name, message and stack, and its process lives on, as on
   Lambda. Unpatched, ministack names every error `Runtime.HandlerError` and kills the worker: a
   state machine's `Catch` by name never matches, and each error costs a cold start.
2. The emulator's own variables are removed from the handler's environment.
3. An answer does not wait for log lines. Unpatched, ministack waits 50 ms for the log of a silent
   handler on every call. Here each call ends its log with a mark, and the wait ends at the mark.
4. Layers are unpacked once (`layers.py`), and DynamoDB is faster (`emulator_speedups.py`).
5. State machines time out and fail as on AWS (`state_machines.py`).

The patches use private names of ministack. Its version is pinned, and a missing name stops the
start. The process holds the lock file open until it ends, which is how others know that it runs.
"""

# ruff: noqa: ANN401, SLF001 - patches untyped private names of another program, on purpose

from __future__ import annotations

import fcntl
import functools
import json
import os
import queue
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from local.stack.emulator_speedups import speed_up
from local.stack.layers import share_layers
from local.stack.state_machines import NAMES, mend_callbacks, mend_rights, mend_tasks

RAISED = "__raised__"
END_OF_LOG = "\x1eend-of-log"
LOG_PATIENCE, DEAD_WORKERS_LOG_PATIENCE = 30.0, 0.25
"""Seconds to wait for the mark. A busy machine may read a worker's lines late; a worker that died
or was ended may have left no mark."""
LOCK_ATTEMPTS = 40

# Runs in the worker before ministack's own script. The module that the script imports (the handler)
# gets its functions wrapped.
PRELUDE = """
def _prepare():
    import importlib, os, sys, traceback
    for name in os.environ.pop("LOCAL_EMULATOR_ONLY", "").split(","):
        os.environ.pop(name, None)
    load = importlib.import_module

    def guarded(function):
        def call(event, context):
            try:
                return function(event, context)
            except Exception as error:
                stack = traceback.format_exc()
                print(stack, file=sys.stderr)
                return {"__RAISED__": {
                    "errorType": type(error).__name__, "errorMessage": str(error),
                    "stackTrace": traceback.format_tb(error.__traceback__),
                }}
            finally:
                sys.stderr.write("__END__\\n")
                sys.stderr.flush()
        return call

    class Guarded:
        def __init__(self, module):
            self._module = module

        def __getattr__(self, name):
            return guarded(getattr(self._module, name))

    def load_handler(name, package=None):
        module = load(name, package)
        if sys._getframe(1).f_globals.get("__name__") != "__main__":
            return module
        importlib.import_module = load
        return Guarded(module)

    importlib.import_module = load_handler

_prepare()
del _prepare
""".replace("__RAISED__", RAISED).replace("__END__", END_OF_LOG.replace("\x1e", "\\x1e"))


def hold_lock(path: Path, port: int) -> IO[str]:
    """Take the lock of the emulator that runs here. Exits if another one holds it."""
    lock = path.open("a+")
    for attempt in range(LOCK_ATTEMPTS):  # `status` holds it for a moment, too
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            if attempt + 1 == LOCK_ATTEMPTS:
                sys.exit(f"another emulator holds {path.name}")
            time.sleep(0.05)
    lock.truncate(0)
    lock.write(json.dumps({"pid": os.getpid(), "port": port}))
    lock.flush()
    return lock


def mend_workers(runtime: Any) -> None:
    """Give every Python worker the prelude, and read its log up to the mark."""
    detect = runtime._detect_runtime_binary

    @functools.wraps(detect)
    def detect_with_prelude(name: str) -> tuple[str, str]:
        binary, script = detect(name)
        return binary, PRELUDE + script if name.startswith("python") else script

    runtime._detect_runtime_binary = detect_with_prelude
    _require(runtime.Worker, "_drain_stderr_bounded")
    runtime.Worker._drain_stderr_bounded = read_log


def read_log(worker: Any) -> str:
    """One call's log lines, up to its mark.

    Without patience a late mark would stay behind, and each later call would get the log of the
    call before it.
    """
    lines: list[str] = []
    patience = DEAD_WORKERS_LOG_PATIENCE if worker._proc is None else LOG_PATIENCE
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = worker._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        if line == END_OF_LOG:
            break
        lines.append(line)
    return "\n".join(lines)


def mend_errors(service: Any) -> None:
    """Report an exception that the prelude caught as Lambda reports it."""
    execute: Callable[..., dict[str, Any]] = service._execute_function_warm

    @functools.wraps(execute)
    def execute_and_name(func: Any, event: Any, request_id: str) -> dict[str, Any]:
        result = execute(func, event, request_id)
        body = result.get("body")
        if isinstance(body, dict) and body.keys() == {RAISED}:
            error = {**body[RAISED], "requestId": request_id}
            return {"body": error, "error": True, "log": result.get("log", "")}
        return result

    service._execute_function_warm = execute_and_name


def _require(owner: Any, name: str) -> None:
    if not hasattr(owner, name):
        sys.exit(
            f"this ministack has no {name}: pin the version that local/stack/launcher.py knows"
        )


def main(lock_path: str) -> None:
    """Hold the lock, patch ministack, and serve until SIGTERM."""
    lock = hold_lock(Path(lock_path), int(os.environ["GATEWAY_PORT"]))
    sys.argv = ["ministack"]
    # Imported here: ministack reads its settings on import, and the lock comes first.
    from ministack import app  # type: ignore[import-untyped] # noqa: PLC0415
    from ministack.core import (  # type: ignore[import-untyped] # noqa: PLC0415
        iam_actions,
        lambda_runtime,
    )
    from ministack.services import (  # type: ignore[import-untyped] # noqa: PLC0415
        dynamodb,
        lambda_svc,
        stepfunctions,
    )

    _require(lambda_runtime, "_detect_runtime_binary")
    _require(lambda_svc, "_execute_function_warm")
    mend_workers(lambda_runtime)
    mend_errors(lambda_svc)
    for name in NAMES:
        _require(stepfunctions, name)
    mend_tasks(stepfunctions)
    mend_callbacks(stepfunctions)
    _require(iam_actions, "extract_resource_arn")
    mend_rights(iam_actions)
    share_layers(lambda_runtime)
    speed_up(dynamodb)
    app.main()
    lock.close()


if __name__ == "__main__":
    main(sys.argv[1])
