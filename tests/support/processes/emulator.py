"""A ministack for tests: loopback only, clean environment, temporary folders."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.support.environment import CREDENTIALS, REGION
from tests.support.processes.caretaker import taken_care_of

START_SECONDS = 30
STOP_SECONDS = 5
HOST = "127.0.0.1"


@contextlib.contextmanager
def running_emulator() -> Iterator[str]:
    """Run an emulator on a free port and yield its endpoint; stop it and delete its files after."""
    folder = Path(tempfile.mkdtemp(prefix="budget-monitor-tests-"))
    port = _free_port()
    process = _start(folder, port)
    try:
        endpoint = f"http://{HOST}:{port}"
        _wait(process, endpoint, folder)
        with taken_care_of(process.pid):
            yield endpoint
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": REGION,
        **CREDENTIALS,
    }
    program = "import sys; sys.argv = ['ministack']; from ministack import app; app.main()"
    with (folder / "emulator.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
            [sys.executable, "-c", program],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], endpoint: str, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            health = f"{endpoint}/_ministack/health"
            with urllib.request.urlopen(health, timeout=1):  # noqa: S310 - our own loopback
                return
        time.sleep(0.05)
    raise RuntimeError("ministack did not start:\n" + (folder / "emulator.log").read_text()[-4000:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the process group. It is a separate session, so it contains nothing else."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return
