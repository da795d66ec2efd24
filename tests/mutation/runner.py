"""Test the mutants inside the workshop: `python -m tests.mutation.runner` with it as the folder.

pytest collects the tests once. A forked process then runs all of them to see which functions each
test reaches. After that one forked process per mutant runs the tests that reach its function,
until one fails. Forks see no cache that another test filled: the parent itself runs no test.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

from tests.mutation.results import (
    ENOUGH_SECONDS,
    KILLED,
    SURVIVED,
    TIMEOUT,
    UNTESTED,
    Verdict,
    Versions,
)

SELECTION = ("tests/unit", "tests/contract")
FILTER = "not http and not million and not moto and not emulator"
"""Both doors and all backends lead to the same domain: the direct one in memory is the fastest."""
ALONE = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "--capture=sys")
Tests = Sequence[tuple[float, pytest.Item]]
Work = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Reach:
    """Seconds that each test takes, and the tests that reach each function."""

    seconds: dict[str, float]
    tests: dict[str, list[str]]

    def of(self, function: str, module: str, killers: Sequence[str]) -> Iterator[str]:
        """The tests for one mutant, quick ones first in each group.

        Those that killed another mutant of the function, all of its module's own files, others.
        """
        own, spent = f"/test_{Path(module).stem}", 0.0
        for test in sorted(
            self.tests.get(function, []),
            key=lambda name: (name not in killers, own not in name, self.seconds[name]),
        ):
            spent += 0 if own in test else self.seconds[test]
            if max(spent, self.seconds[test]) <= ENOUGH_SECONDS:
                yield test


@dataclass(frozen=True, slots=True)
class Runner:
    """The plugin that takes the place of pytest's loop over the tests."""

    mutants: Mapping[str, str]
    """Name to module."""
    versions: Versions
    verdicts: Path
    until: float
    """Monotonic time after which no further mutant is begun."""
    running: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Process to its mutant, and where to read what became of it."""
    killers: dict[str, list[str]] = field(default_factory=dict)
    """Function to the tests that killed one of its mutants."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Test all mutants; raises if pytest could not collect, or if a test fails without one."""
        if session.testsfailed:
            raise session.Interrupted("a test module cannot be imported")
        gc.collect()
        gc.freeze()
        reach = _reach(session.items)
        items = {item.nodeid: item for item in session.items}
        with self.verdicts.open("a") as verdicts:
            for verdict in self._verdicts(reach, items):
                verdicts.write(verdict.line())
                verdicts.flush()
        return True

    def _verdicts(self, reach: Reach, items: Mapping[str, pytest.Item]) -> Iterator[Verdict]:
        for mutant, module in self.mutants.items():
            if time.monotonic() > self.until:
                break
            names = reach.of(_function(mutant), module, self.killers.get(_function(mutant), []))
            tests = [(reach.seconds[name], items[name]) for name in names]
            pid, read = _forked(partial(_test, mutant, tests))
            self.running[pid] = mutant, read
            if len(self.running) == os.cpu_count():
                yield self._ended()
        while self.running:
            yield self._ended()

    def _ended(self) -> Verdict:
        pid, status, used = os.wait4(-1, 0)
        mutant, read = self.running.pop(pid)
        with os.fdopen(read) as told:
            outcome, _, test = told.read().partition(" ")
        if os.waitstatus_to_exitcode(status) != 0:
            outcome, test = TIMEOUT, ""
        if test:
            self.killers.setdefault(_function(mutant), []).append(test)
        version = self.versions.made_of(self.mutants[mutant], test)
        return Verdict(mutant, outcome, test, version, round(used.ru_utime + used.ru_stime, 2))


def _test(mutant: str, tests: Tests, write: int) -> None:
    trampoline.set_mutant_under_test(mutant)
    for seconds, item in tests:
        # Each test has its time; the default action of both signals ends this process.
        signal.setitimer(signal.ITIMER_VIRTUAL, 2 + 10 * seconds)
        signal.setitimer(signal.ITIMER_REAL, 60 + 30 * seconds)
        if not _passes(item):
            os.write(write, f"{KILLED} {item.nodeid}".encode())
            return
    os.write(write, (SURVIVED if tests else UNTESTED).encode())


def _passes(item: pytest.Item) -> bool:
    try:
        reports = runtestprotocol(item, log=False, nextitem=None)
    except BaseException:  # noqa: BLE001 - whatever a mutant raises through pytest kills it
        return False
    return not any(report.failed for report in reports)


def _function(mutant: str) -> str:
    return mutant.rpartition("__mutmut_")[0]


def _reach(items: Sequence[pytest.Item]) -> Reach:
    parts = os.cpu_count() or 1
    looks = [_forked(partial(_look, items[part::parts])) for part in range(parts)]
    reach, failed = Reach({}, {}), list[str]()
    for pid, read in looks:
        with os.fdopen(read) as told:
            seconds, tests, faults = json.loads(told.read() or '[{}, {}, ["the process ended"]]')
        os.waitpid(pid, 0)
        reach.seconds.update(seconds)
        failed += faults
        for function, names in tests.items():
            reach.tests.setdefault(function, []).extend(names)
    if failed:
        raise pytest.UsageError(f"these fail without a mutant: {failed}")
    return reach


def _look(items: Sequence[pytest.Item], write: int) -> None:
    seconds, tests, failed, hit = (
        dict[str, float](),
        dict[str, list[str]](),
        list[str](),
        set[str](),
    )
    vars(trampoline)["record_trampoline_hit"] = lambda name, **_: hit.add(name)
    trampoline.set_mutant_under_test("stats")
    for item in items:
        hit.clear()
        started = time.process_time()
        if not _passes(item):
            failed.append(item.nodeid)
        seconds[item.nodeid] = time.process_time() - started
        for function in hit:
            tests.setdefault(function, []).append(item.nodeid)
    with os.fdopen(write, "w") as told:
        json.dump([seconds, tests, failed], told)


def _forked(work: Work) -> tuple[int, int]:
    """The process that does this work, and where to read what it writes."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    code = 1
    try:
        work(write)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    # Of pytest's plugins none is needed.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    trampoline.set_mutant_under_test("")
    todo = json.loads(Path("todo.json").read_text())
    versions = Versions(Path(), todo["versions"])
    runner = Runner(todo["mutants"], versions, Path(todo["verdicts"]), todo["until"])
    arguments = ["-q", "--tb=native", *ALONE, *SELECTION, "-k", FILTER]
    sys.exit(pytest.main(arguments, plugins=[runner]))
