"""A run that loses a test worker fails within a minute; the lost worker's stacks are printed.

By itself pytest-xdist 3.8 may wait for ever after a loss: with `--dist loadgroup` the replacement
of a lost worker is given work that is done already, or the second-last test alone, and waits for
more (pytest-xdist issues 1323, 1327 and 1378). And it hears of a loss only when nobody holds the
worker's end of their pipe any more, which a child of the worker may do.

Each part ends one kind of waiting:

1. `--max-worker-restart=0` (Makefile): a lost worker is not replaced.
2. `faulthandler_timeout` (pyproject.toml): a test that takes longer ends its worker, which prints
   the stack of each of its threads. The same is printed where a worker dies by a signal.
3. The guard in this module, a thread of the process that waits for the workers:
   - a worker whose process is gone counts as lost, even if its pipe is still open;
   - one that reports nothing for longer than a test may take is ended, with its stacks;
   - after a loss the other workers have GRACE_SECONDS to finish, then they are ended likewise;
   - a run that still goes on after LAST_SECONDS ends at once.
4. A run that lost a worker fails, also where the worker had no test left.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from subprocess import Popen, TimeoutExpired
from time import monotonic
from typing import Any

import pytest

LOOK_SECONDS = 0.5
PIPE_SECONDS = 5
"""Seconds that a worker's process may be gone before its pipe closes."""
START_SECONDS = 300
"""Seconds until a worker must report its first test."""
SILENT_SECONDS = 30
"""Seconds that a worker may be silent beyond the time limit of a test."""
GRACE_SECONDS = 15
STACKS_SECONDS = 5
"""Seconds for a worker to print its stacks."""
LAST_SECONDS = 45

Node = Any  # xdist's WorkerController


@dataclass
class Worker:
    """State of one worker in the guard; times are monotonic."""

    node: Node
    heard: float
    patience: float = START_SECONDS
    gone: float | None = None
    asked: float | None = None
    why: str = ""

    @property
    def name(self) -> str:
        """As xdist calls it: gw0, gw1, ..."""
        return str(self.node.gateway.id)

    @property
    def process(self) -> Popen[bytes]:
        """The worker's own process."""
        return self.node.gateway._io.popen  # type: ignore[no-any-return] # noqa: SLF001 - no other way

    def end(self, why: str, now: float) -> None:
        """Make the worker print its stacks and exit; kill it if it does not."""
        if self.asked is None:
            self.asked, self.why = now, why
            self.process.send_signal(signal.SIGABRT)
        elif now > self.asked + STACKS_SECONDS:
            self.process.kill()

    def report_gone(self) -> None:
        """Tell xdist what the pipe does not."""
        node = self.node
        if not node._down:  # noqa: SLF001 - as WorkerController does at the end of its channel
            node._down = True  # noqa: SLF001 - the same
            node.notify_inproc("errordown", node=node, error="its process is gone")


@dataclass
class Guard:
    """Watches the workers of a run from beside it."""

    longest: float
    """What one test may take, in seconds; 0 is no bound."""
    workers: dict[str, Worker] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    lost_at: float | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def pytest_configure_node(self, node: Node) -> None:
        """A worker has started."""
        self.workers[node.gateway.id] = Worker(node, monotonic())

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A worker has finished a part of a test."""
        worker = self.workers.get(report.node.gateway.id) if hasattr(report, "node") else None
        if worker:
            worker.heard, worker.patience = monotonic(), self.longest + SILENT_SECONDS

    def pytest_testnodedown(self, node: Node, error: object | None) -> None:
        """A worker has ended, with an error if it was lost."""
        worker = self.workers.pop(node.gateway.id, None)
        if error and worker:
            self.lost[worker.name] = worker.why or _ending(worker.process, error)
            self.lost_at = self.lost_at or monotonic()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run if a worker was lost."""
        if self.lost and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Report lost workers and the reasons."""
        if self.lost:
            terminalreporter.write_sep("=", "lost workers", red=True)
            for name, why in self.lost.items():
                terminalreporter.write_line(f"{name}: {why}")

    def watch(self) -> None:
        """Check the workers until the run ends."""
        while not self.over.wait(LOOK_SECONDS):
            self.look(monotonic())

    def look(self, now: float) -> None:
        """End workers that hang; give up if the run does not end."""
        late = self.lost_at is not None and now > self.lost_at + GRACE_SECONDS
        for worker in list(self.workers.values()):
            if worker.process.poll() is not None:
                worker.gone = worker.gone or now
                if now > worker.gone + PIPE_SECONDS:
                    worker.report_gone()
            elif late:
                worker.end(f"ended, since {', '.join(self.lost)} was lost", now)
            elif self.longest and now > worker.heard + worker.patience:
                worker.end(f"ended after {now - worker.heard:.0f} s without a report", now)
        if self.lost_at is not None and now > self.lost_at + LAST_SECONDS:
            self.give_up()

    def give_up(self) -> None:
        """End the run without waiting for workers."""
        for worker in self.workers.values():
            worker.process.kill()
        stderr = sys.__stderr__ or sys.stderr
        stderr.write("The run does not end after a lost worker. Its own threads stand here:\n")
        stderr.flush()
        faulthandler.dump_traceback(file=stderr)
        os._exit(pytest.ExitCode.INTERNAL_ERROR)


def _ending(process: Popen[bytes], error: object) -> str:
    try:
        status = process.wait(1)
    except TimeoutExpired:
        return f"lost: {error}"
    if status < 0:
        return f"lost by {signal.Signals(-status).name}"
    return f"lost, exit status {status}"


def pytest_configure(config: pytest.Config) -> None:
    """Start the guard of a run with workers, in its main process."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        guard = Guard(float(config.getini("faulthandler_timeout") or 0))
        config.pluginmanager.register(guard, "lost_workers_guard")
        threading.Thread(target=guard.watch, name="guard of workers", daemon=True).start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the guard."""
    guard = config.pluginmanager.get_plugin("lost_workers_guard")
    if guard:
        guard.over.set()
