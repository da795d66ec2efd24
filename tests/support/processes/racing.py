"""Many concurrent callers, each in its own process, as in Lambda."""

from __future__ import annotations

import multiprocessing
import os
import threading
import warnings
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, DirectDoor, Door, HttpDoor

Result = TypeVar("Result")

CLIENTS = 16
PATIENCE_SECONDS = 180
LOOK_SECONDS = 1


class PatientDoor:
    """A door that retries the same request after a 503.

    On a slow machine a request may use up its time waiting for others.
    """

    def __init__(self, inner: Door) -> None:
        self.name, self.before_each = inner.name, inner.before_each
        self.send = inner.send
        self._inner = inner

    def call(self, operation: str, **fields: Any) -> Answer:
        """Send the operation until it succeeds or the time limit is reached."""
        until = monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._inner.call(operation, **fields)
            if answer.error != "UNAVAILABLE" or monotonic() > until:
                return answer


def at_a_door(tenant_id: str, n: int) -> Tenant:
    """Return the tenant for the n-th caller: half of the callers use each door."""
    return Tenant(PatientDoor((HttpDoor, DirectDoor)[n % 2]()), tenant_id)


def race(act: Callable[[int], Result], clients: int = CLIENTS) -> list[Result]:
    """Call `act(0)` to `act(clients - 1)` concurrently. Return the results in that order.

    Each caller connects before the start, so that they compete in the store. Callers are forked, so
    that 16 clients need not import everything again; they share the test's environment and tables.
    Call no handler of these tables before the race in the same process: the children would share
    its connections.
    """
    fork = multiprocessing.get_context("fork")
    start: Any = fork.Barrier(clients)
    results: Any = fork.Queue()
    runners = [
        fork.Process(target=_run, args=(partial(act, n), n, start, results)) for n in range(clients)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about fork with threads
        for runner in runners:
            runner.start()
    gathered = dict(results.get(timeout=PATIENCE_SECONDS) for _ in runners)
    for runner in runners:
        runner.join(PATIENCE_SECONDS)
    failures = {n: value for n, (failed, value) in gathered.items() if failed}
    assert not failures, failures
    return [gathered[n][1] for n in range(clients)]


def _end_with_parent() -> None:
    """End the client with its test worker: it would keep open the pipe that shows the loss."""
    parent = multiprocessing.parent_process()
    while parent and os.getppid() == parent.pid:
        sleep(LOOK_SECONDS)
    os._exit(1)


def _run(act: Callable[[], Any], n: int, start: Any, results: Any) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(10)  # leave processor time for other tests
    try:
        DirectDoor().call("tenant_usage", tenant_id="warm-up")
        start.wait(PATIENCE_SECONDS)
        results.put((n, (False, act())))
    except BaseException as error:  # noqa: BLE001 - the test must see any error
        results.put((n, (True, repr(error))))
