"""A run of two workers that loses one of them ends as failed, soon, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MINUTE = 60
FAILED, GAVE_UP = 1, 3  # exit statuses of pytest
HURRIED = """
import os, signal, threading, time
from pathlib import Path
from xdist.workermanage import NodeManager
from tests.support.processes import lost_workers
NodeManager.EXIT_TIMEOUT = 1
lost_workers.LOOK_SECONDS = 0.1
lost_workers.GRACE_SECONDS = lost_workers.PIPE_SECONDS = 1
lost_workers.STACKS_SECONDS = lost_workers.SILENT_SECONDS = 1
"""
BESIDE = """
import os, signal, threading, time
from pathlib import Path

def waiting_elsewhere():
    time.sleep(600)

threading.Thread(target=waiting_elsewhere, daemon=True).start()
"""
OTHERS = "\n".join(f"def test_other_{n}(): pass" for n in range(4))
FAILS_AND_HANGS = """
import pytest  # noqa: TC002 - as everywhere, types are imported for real

@pytest.fixture
def stuck():
    yield
    time.sleep(600)

def test_it(stuck):
    assert 0
"""
SERVERS = """
from tests.support.processes import emulator
from tests.support.cache import valkey

def test_it(monkeypatch):
    seen = []
    for module in (emulator, valkey):
        care = module.taken_care_of
        noted = lambda pid, care=care: seen.append(str(pid)) or care(pid)
        monkeypatch.setattr(module, "taken_care_of", noted)
    with emulator.running_emulator(), valkey.running_valkey():
        Path(__file__).with_name("servers").write_text(" ".join(seen))
        os.kill(os.getpid(), signal.SIGKILL)
"""
LAST_WORDS = """
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        os.kill(os.getpid(), signal.SIGKILL)
"""
NO_END = """
lost_workers.LAST_SECONDS = 2

def pytest_testnodedown(node, error):
    if error:
        waiting_for_ever()

def waiting_for_ever():
    time.sleep(600)
"""


@dataclass(frozen=True)
class Run:
    """How a run ended; one that takes a minute raises."""

    status: int
    text: str


def run(folder: Path, test: str, *, longest: int = 30, conftest: str = "") -> Run:
    """Run this test beside a few others with the settings of `make test`."""
    (folder / "conftest.py").write_text(HURRIED + conftest)
    (folder / "test_one.py").write_text(BESIDE + test)
    (folder / "test_others.py").write_text(OTHERS)
    workers = ["-n", "2", "-q", "--dist", "loadgroup", "--max-worker-restart=0"]
    plugins = [
        "-p",
        "xdist",
        "-p",
        "tests.support.processes.lost_workers",
        "-p",
        "no:cacheprovider",
    ]
    settings = ["-c", str(ROOT / "pyproject.toml"), "-o", f"faulthandler_timeout={longest}"]
    outer = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    said, stacks = folder / "stdout", folder / "stderr"
    with said.open("w") as stdout, stacks.open("w") as stderr:
        process = subprocess.Popen(  # noqa: S603 - this interpreter and our own tests
            [sys.executable, "-m", "pytest", *workers, *plugins, *settings, str(folder)],
            cwd=ROOT,
            env={**outer, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.DEVNULL,
            stdout=stdout,  # files: a child that outlives its worker holds them, too
            stderr=stderr,
        )
        try:
            status = process.wait(MINUTE)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # it prints its stacks
            status = process.wait()
    text = said.read_text() + stacks.read_text()
    print(text)  # noqa: T201 - shown where a test fails
    return Run(status, text)


def dying(how: str, before: str = "pass") -> str:
    """A test whose worker ends by that signal."""
    return (
        f"def test_it():\n    {before}\n    os.kill(os.getpid(), signal.{how})\n    time.sleep(600)"
    )


def assert_ends(pid: int) -> None:
    """The process is gone, or will be within ten seconds."""
    with suppress(ProcessLookupError):
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.1)
        raise AssertionError(f"process {pid} still runs")


def test_the_suite_itself_is_guarded(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("tests.support.processes.lost_workers")
    assert pytestconfig.getini("faulthandler_exit_on_timeout")
    assert "-n 3 -q --dist loadgroup --max-worker-restart=0" in (ROOT / "Makefile").read_text()


def test_a_worker_lost_by_sigsegv_fails_the_run_with_the_stacks_of_all_threads(
    tmp_path: Path,
) -> None:
    ended = run(tmp_path, dying("SIGSEGV") + "\n\ndef test_busy():\n    time.sleep(600)\n")

    assert ended.status == FAILED
    assert "Fatal Python error: Segmentation fault" in ended.text
    assert re.search(r"^gw\d: lost by SIGSEGV$", ended.text, re.MULTILINE)
    assert "crashed while running 'test_one.py::test_it'" in ended.text
    assert "in test_it" in ended.text
    assert "in waiting_elsewhere" in ended.text
    # the other worker had its second, and was then ended with its stacks
    assert "Fatal Python error: Aborted" in ended.text
    assert re.search(r"^gw\d: ended, since gw\d was lost$", ended.text, re.MULTILINE)
    assert "in test_busy" in ended.text


def test_a_worker_lost_by_sigkill_fails_the_run_though_a_child_holds_its_pipe(
    tmp_path: Path,
) -> None:
    pid = tmp_path / "pid"
    forks = f"os.fork() or (Path({str(pid)!r}).write_text(str(os.getpid())), time.sleep(600))"

    ended = run(tmp_path, dying("SIGKILL", f"{forks}; time.sleep(1)"))

    os.kill(int(pid.read_text()), signal.SIGKILL)
    assert ended.status == FAILED
    assert re.search(r"^gw\d: lost by SIGKILL$", ended.text, re.MULTILINE)
    assert "crashed while running 'test_one.py::test_it'" in ended.text


def test_a_test_that_takes_longer_than_it_may_fails_the_run_with_all_stacks(
    tmp_path: Path,
) -> None:
    ended = run(tmp_path, "def test_it():\n    time.sleep(600)\n", longest=1)

    assert ended.status == FAILED
    assert "Timeout (0:00:01)!" in ended.text
    assert re.search(r"^gw\d: lost, exit status 1$", ended.text, re.MULTILINE)
    assert "in test_it" in ended.text
    assert "in waiting_elsewhere" in ended.text


@pytest.mark.thorough
def test_silent_workers_are_ended_with_their_stacks_and_killed_where_they_are_stopped(
    tmp_path: Path,
) -> None:
    # pytest's own watch over the time of a test ends where the test fails
    stops = "\n\ndef test_stops():\n    os.kill(os.getpid(), signal.SIGSTOP)\n"

    ended = run(tmp_path, FAILS_AND_HANGS + stops, longest=1)

    assert ended.status == FAILED
    assert "Fatal Python error: Aborted" in ended.text
    assert "in stuck" in ended.text
    assert re.search(r"^gw\d: ended after \d+ s without a report$", ended.text, re.MULTILINE)


@pytest.mark.thorough
def test_a_worker_lost_after_its_last_test_fails_the_run(tmp_path: Path) -> None:
    ended = run(tmp_path, "def test_it(): pass", conftest=LAST_WORDS)

    assert ended.status == FAILED
    assert re.search(r"^gw\d: lost by SIGKILL$", ended.text, re.MULTILINE)


@pytest.mark.thorough
def test_a_run_that_goes_on_after_a_loss_ends_with_its_own_stacks(tmp_path: Path) -> None:
    ended = run(tmp_path, dying("SIGKILL"), conftest=NO_END)

    assert ended.status == GAVE_UP
    assert "The run does not end after a lost worker" in ended.text
    assert "in waiting_for_ever" in ended.text


@pytest.mark.thorough
def test_the_emulator_and_the_valkey_of_a_lost_worker_end_with_it(tmp_path: Path) -> None:
    ended = run(tmp_path, SERVERS)

    assert ended.status == FAILED
    started = (tmp_path / "servers").read_text().split()
    assert len(started) == 2
    for pid in started:
        assert_ends(int(pid))
