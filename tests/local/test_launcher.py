"""How the emulator is patched: the log of each call is the call's own."""

from __future__ import annotations

import queue
from threading import Timer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from local.stack import launcher

if TYPE_CHECKING:
    import pytest


def test_a_log_that_a_busy_machine_reads_late_is_still_the_log_of_its_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launcher, "DEAD_WORKERS_LOG_PATIENCE", 0.0)
    worker = worker_with(process=object())
    late = Timer(0.3, lambda: printed(worker, "first", launcher.END_OF_LOG))
    late.start()

    assert launcher.read_log(worker) == "first"

    late.join()
    printed(worker, "second", launcher.END_OF_LOG)
    assert launcher.read_log(worker) == "second"


def test_the_log_of_a_worker_that_died_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "DEAD_WORKERS_LOG_PATIENCE", 0.01)
    worker = worker_with(process=None)
    printed(worker, "its last words")

    assert launcher.read_log(worker) == "its last words"


def worker_with(process: object) -> Any:
    """A worker as ministack keeps it: where its log lines arrive, and its process."""
    return SimpleNamespace(_stderr_queue=queue.Queue(), _proc=process)


def printed(worker: Any, *lines: str) -> None:
    arrived = vars(worker)["_stderr_queue"]
    for line in lines:
        arrived.put(line)
