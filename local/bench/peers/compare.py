"""Section: other budget libraries beside Budget Monitor, on the same work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from local.bench.peers.adapters import PACKAGES, PEERS
from local.bench.peers.litellm_proxy import REDIS_URL
from local.bench.peers.work import COST, KILLED, LIMIT, READY, START
from local.bench.progress import counted
from local.bench.read_cache import servers
from local.settings import ROOT, STATE

ENVIRONMENT = STATE / "bench-peers"
REQUIREMENTS = ROOT / "requirements" / "peers.txt"
UV = ROOT / ".venv" / "bin" / "uv"
CALLERS, PROCESSES = 64, 4
HEAD_START_SECONDS, PATIENCE_SECONDS = 0.2, 300
OURS, PROXY = "Budget Monitor", "LiteLLM proxy reservation"


class PeerError(Exception):
    """A step of a library's work failed; the message is the last line of its error output."""


def install() -> str | None:
    """Make the libraries' environment; return None, or why it could not be made."""
    python = ENVIRONMENT / "bin" / "python"
    try:
        if not python.exists():
            _run(str(UV), "venv", "-q", "--python", sys.executable, str(ENVIRONMENT))
        pins = ["--require-hashes", str(REQUIREMENTS)]
        _run(str(UV), "pip", "sync", "-q", "--python", str(python), *pins)
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", None) or str(error)
        return str(told).strip().splitlines()[-1]
    return None


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


def _versions(python: str) -> dict[str, str]:
    """Return the installed version of each library."""
    script = "import importlib.metadata as m, json; "
    script += f"print(json.dumps({{one: m.version(one) for one in {list(PACKAGES.values())}}}))"
    found: dict[str, str] = json.loads(_run(python, "-c", script))
    return found


class Work:
    """The steps of one library's work, each in processes of its own."""

    def __init__(self, name: str, python: str, environment: Mapping[str, str]) -> None:
        self._name, self._python = name, python
        path = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "core")])
        self._environment = {**os.environ, **environment, "PYTHONPATH": path}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each process imports the library

    def all(self, folder: Path) -> dict[str, Any]:
        """Return the results of all steps; of one that failed, the reason in words."""
        steps: dict[str, Callable[[], float]] = {
            "overspent_usd": lambda: overspend(self._crowd(folder, 1)),
            "overspent_by_processes_usd": lambda: overspend(self._crowd(folder, PROCESSES)),
            "pair_ms": lambda: self._pace(folder),
            "allowed_after_kill": lambda: self._after_kill(folder),
        }
        return {name: _result_or_reason(step) for name, step in steps.items()}

    def _pace(self, folder: Path) -> float:
        return self._finished(self._started("pace", self._new(folder, "pace")))["milliseconds"]

    def _after_kill(self, folder: Path) -> float:
        killed = self._new(folder, "kill")
        dying = self._started("kill", killed)
        dying.communicate()
        if dying.returncode != KILLED:
            raise PeerError("the step that kills the process failed")
        return self._finished(self._started("after", killed))["calls"]

    def _crowd(self, folder: Path, processes: int) -> int:
        shared = self._new(folder, f"crowd-{processes}")
        given = ("crowd", shared, CALLERS // processes)
        with ExitStack() as stack:
            crowd = [self._started(*given) for _ in range(processes)]
            for one in crowd:
                stack.callback(_ended, one)
            _start_together(shared, crowd)
            return round(sum(self._finished(one)["calls"] for one in crowd))

    @staticmethod
    def _new(folder: Path, name: str) -> Path:
        made = folder / name
        made.mkdir(parents=True)
        return made

    def _started(self, step: str, folder: Path, callers: int = 1) -> subprocess.Popen[str]:
        given = [self._name, step, str(folder), str(callers)]
        return subprocess.Popen(  # noqa: S603 - our own script
            [self._python, "-m", "local.bench.peers.work", *given],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def _finished(process: subprocess.Popen[str]) -> dict[str, float]:
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
        if process.returncode:
            status = f"a process ended with status {process.returncode}"
            raise PeerError([status, *told.strip().splitlines()][-1])
        found: dict[str, float] = json.loads(told.strip().splitlines()[-1])
        return found


def _result_or_reason(step: Callable[[], float]) -> float | str:
    try:
        return step()
    except PeerError as error:
        return f"failed: {error}"
    except subprocess.TimeoutExpired:
        return f"failed: no answer within {PATIENCE_SECONDS} s"


def _ended(process: subprocess.Popen[str]) -> None:
    """End a process that still runs because another one failed, and read what it left."""
    process.kill()
    process.communicate()


def _start_together(folder: Path, crowd: list[subprocess.Popen[str]]) -> None:
    """Wait until every process is ready or has failed, then let them start."""
    while len([*folder.glob(f"{READY}*")]) < len(crowd):
        if any(one.poll() for one in crowd):
            break
        time.sleep(0.02)
    written = folder / f"{START}.new"
    written.write_text(str(time.time() + HEAD_START_SECONDS))
    written.rename(folder / START)


def overspend(calls: int) -> float:
    """Return the USD above the limit; each call costs its price, recorded or not."""
    return round(max(calls * COST - LIMIT, 0.0), 2)


def own_environment(name: str, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment of its processes: what they need to find their storage."""
    redis = {REDIS_URL: environment["with"]}
    return {OURS: environment, PROXY: redis}.get(name, {})


def measured(rounds: int) -> dict[str, Any]:
    """Return each library's results, or why it could not be measured."""
    del rounds
    failed, python = install(), str(ENVIRONMENT / "bin" / "python")
    found: dict[str, Any] = {"callers": CALLERS, "processes": PROCESSES, "peers": {}}
    found["versions"] = {} if failed else _versions(python)
    with ExitStack() as stack:
        environment = stack.enter_context(servers())
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in counted(list(PEERS), "peers"):
            if failed and name != OURS:
                found["peers"][name] = {"failed": f"not installed: {failed}"}
                continue
            chosen = sys.executable if name == OURS else python
            work = Work(name, chosen, own_environment(name, environment))
            found["peers"][name] = work.all(root / name.replace(" ", "-"))
    return found
