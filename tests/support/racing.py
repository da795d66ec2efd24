"""Many callers at the same instant, each a process of its own, as Lambda runs them."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from tests.support.doors import DirectDoor

Result = TypeVar("Result")

CLIENTS = 16
PATIENCE_SECONDS = 60


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


def _run(act: Callable[[], Any], n: int, start: Any, results: Any) -> None:
    try:
        DirectDoor().call("tenant_usage", tenant_id="warm-up")
        start.wait(PATIENCE_SECONDS)
        results.put((n, (False, act())))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test must hear of it
        results.put((n, (True, repr(error))))
