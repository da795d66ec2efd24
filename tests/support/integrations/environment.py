"""The environment with the real libraries: made at first use from its locked list."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tests.support.paths import ROOT

FOLDER = ROOT / ".local" / "integrations"
LIST = ROOT / "requirements" / "integrations.txt"
UV = Path(sys.executable).parent / "uv"
MAKE_SECONDS = 600
RUN_SECONDS = 1200
"""Loading these libraries takes 30 s of a processor; a busy machine takes long."""


class NoEnvironmentError(Exception):
    """The environment could not be made; the message says what uv said."""


def made() -> Path:
    """Return the environment's Python, after making it if its list is new.

    Raises NoEnvironmentError. Parallel tests wait for the one that makes it.
    """
    FOLDER.parent.mkdir(exist_ok=True)
    python, mark = FOLDER / "bin" / "python", FOLDER / ".made-from"
    wanted = sha256(LIST.read_bytes() + sys.version.encode()).hexdigest()
    with (FOLDER.parent / "integrations.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != wanted:
            _run("venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER))
            where = ("--python", str(python), "--require-hashes", "--strict")
            _run("pip", "sync", "--quiet", *where, str(LIST))
            mark.write_text(wanted)
    return python


def _run(*words: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own list
        [str(UV), *words], capture_output=True, text=True, check=False, timeout=MAKE_SECONDS
    )
    if done.returncode:
        raise NoEnvironmentError(f"uv {words[0]} failed for {LIST.name}:\n{done.stderr}")


def environment(url: str) -> dict[str, str]:
    """Return the variables of a process in it that talks to the product at `url`.

    Nothing of this machine's settings reaches it, and no library calls home.
    """
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(FOLDER),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'clients' / 'python' / 'src'}",
        "BUDGET_MONITOR_URL": url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "OTEL_SDK_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


def run_tests(python: Path, url: str, files: list[str]) -> subprocess.CompletedProcess[str]:
    """Run test files in the environment, against the product at `url`."""
    folder = "tests/integrations/libraries"
    words = [
        *("-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(ROOT)),
        *(f"--confcutdir={folder}", "--import-mode=importlib", "-p", "no:cacheprovider"),
        *("--durations=5", "--tb=short", *(f"{folder}/{name}" for name in files)),
    ]
    return subprocess.run(  # noqa: S603 - our own interpreter and files
        [str(python), *words],
        cwd=ROOT,
        env=environment(url),
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
