"""Many callers at the same instant, each a process of its own, as Lambda runs them."""

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
    """A door as seen by a caller who does what a 503 says: send the same again.

    Where all are in each other's way on a slow machine, a request may spend its time on others.
    """

    def __init__(self, inner: Door) -> None:
        self.name, self.before_each = inner.name, inner.before_each
        self.send = inner.send
        self._inner = inner

    def call(self, operation: str, **fields: Any) -> Answer:
        """Send the operation until it is served, or the race is long over."""
        until = monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._inner.call(operation, **fields)
            if answer.error != "UNAVAILABLE" or monotonic() > until:
                return answer


def at_a_door(tenant_id: str, n: int) -> Tenant:
    """The tenant as the n-th of the callers sees it: half of them come through each door."""
    return Tenant(PatientDoor((HttpDoor, DirectDoor)[n % 2]()), tenant_id)


def race(act: Callable[[int], Result], clients: int = CLIENTS) -> list[Result]:
    """Call `act(0)` to `act(clients - 1)` at once; answers their results in that order.

    Each has its connection before the start, so that they meet in the store and not on the way.
    Forked, so that 16 clients need not import everything again; the environment, and with it the
    tables, is the test's. Call no handler of these tables before the race in the same process:
    children would share its connections.
    """
    fork = multiprocessing.get_context("fork")
    start: Any = fork.Barrier(clients)
    results: Any = fork.Queue()
    runners = [
        fork.Process(target=_run, args=(partial(act, n), n, start, results)) for n in range(clients)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of forks beside threads
        for runner in runners:
            runner.start()
    gathered = dict(results.get(timeout=PATIENCE_SECONDS) for _ in runners)
    for runner in runners:
        runner.join(PATIENCE_SECONDS)
    failures = {n: value for n, (failed, value) in gathered.items() if failed}
    assert not failures, failures
    return [gathered[n][1] for n in range(clients)]


def _end_with_parent() -> None:
    """A client outlives no test worker: it would hold the pipe by which the loss is heard."""
    parent = multiprocessing.parent_process()
    while parent and os.getppid() == parent.pid:
        sleep(LOOK_SECONDS)
    os._exit(1)


def _run(act: Callable[[], Any], n: int, start: Any, results: Any) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(10)  # so many at once would take the processors from all other tests
    try:
        DirectDoor().call("tenant_usage", tenant_id="warm-up")
        start.wait(PATIENCE_SECONDS)
        results.put((n, (False, act())))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test must hear of it
        results.put((n, (True, repr(error))))
