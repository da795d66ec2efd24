"""Start, find and stop the emulated AWS: one ministack process on this machine's loopback.

An emulator belongs to a folder: its lock, its log, its scratch space and, when asked for, the state
that survives a restart. The process holds a lock on `emulator.lock` for as long as it lives, so
"is it running" is answered by the kernel and never by a process id that somebody else has by now.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from local.settings import ACCOUNT, HOST, REGION, ROOT, ROOT_KEY, ROOT_SECRET
from local.stack.network import answers, free_port, is_free

START_SECONDS = 30.0
STOP_SECONDS = 60.0
TAIL_LINES = 25


class EmulatorError(Exception):
    """The emulator did not do what was asked; the message says what to do next."""


@dataclass(frozen=True)
class Running:
    """A live emulator: its process and where it answers."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        """The address of every emulated AWS service."""
        return f"http://{HOST}:{self.port}"


class Emulator:
    """The emulator of one folder. As a context manager it is stopped at the end, also on errors."""

    def __init__(self, folder: Path, *, port: int = 0, persist: bool = False) -> None:
        """`port` 0 takes a free one; `persist` keeps the account across a stop and a start."""
        self.folder = folder.resolve()
        self.port = port
        self.persist = persist
        self.log = self.folder / "emulator.log"
        self._lock = self.folder / "emulator.lock"
        self._scratch = self.folder / "tmp"
        self._state = self.folder / "state"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """The address of the running emulator; raises EmulatorError when it is not running."""
        running = self.running()
        if running is None:
            raise EmulatorError("the emulator is not running: start it with `make up`")
        return running.endpoint

    def running(self) -> Running | None:
        """The live process of this folder, or None. Files of a dead process are ignored."""
        try:
            with self._lock.open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError:
                    return Running(**json.loads(lock.read()))
        except (FileNotFoundError, ValueError):
            return None
        return None

    def healthy(self) -> bool:
        """Whether the process of this folder lives and answers."""
        running = self.running()
        return running is not None and answers(running.endpoint)

    def start(self) -> bool:
        """Start the emulator unless it runs; True when this call started it.

        Raises EmulatorError when the port is taken, or when it ends or stays silent at the start.
        """
        running = self.running()
        if running is not None:
            self._await_answer(running.pid)
            return False
        port = self.port or free_port()
        if not is_free(port):
            raise EmulatorError(
                f"port {port} is taken by another program. Stop that one, or choose another port: "
                "make up PORT=4570"
            )
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        self._spawn(port)
        return True

    def _spawn(self, port: int) -> None:
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own module, fixed arguments
                [sys.executable, "-m", "local.stack.launcher", str(self._lock)],
                cwd=ROOT,
                env=self._environment(port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._await_answer(self._child.pid)
        except BaseException:
            self.stop()
            raise

    def _environment(self, port: int) -> dict[str, str]:
        """The emulator's whole environment: nothing of the caller's shell reaches a handler."""
        own = {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "AUTH": "true",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_DOCKER_TIMEOUT": "1",
            "S3_PERSIST": "1" if self.persist else "0",
            "S3_DATA_DIR": str(self._state / "s3"),
            "PERSIST_STATE": "1" if self.persist else "0",
            "STATE_DIR": str(self._state),
        }
        return {
            "PATH": os.defpath,
            "HOME": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
            "LOCAL_EMULATOR_ONLY": ",".join(own),
            **own,
        }

    def _await_answer(self, pid: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._child is not None and self._child.poll() is not None:
                raise EmulatorError(f"the emulator ended at once. Its last words:\n{self.tail()}")
            if self.healthy():
                return
            time.sleep(0.05)
        raise EmulatorError(
            f"the emulator (process {pid}) does not answer. Start afresh with `make clean up`. "
            f"Its last words:\n{self.tail()}"
        )

    def stop(self) -> bool:
        """Stop the emulator after it has saved its state; True if it ran.

        Raises EmulatorError if it had to be killed: its state is then that of an earlier stop.
        """
        running = self.running()
        pid = running.pid if running else (self._child.pid if self._child else None)
        if pid is None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            return False
        ended = self._terminate(pid)
        self._child = None
        shutil.rmtree(self._scratch, ignore_errors=True)
        if not ended:
            raise EmulatorError("the emulator would not end and was killed: its state is older")
        return True

    def _terminate(self, pid: int) -> bool:
        """Ask the process to end, then end the rest of its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while (alive := self._alive(pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if self._child is not None:
            self._child.wait()
        return not alive

    def _alive(self, pid: int) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        running = self.running()
        return running is not None and running.pid == pid

    def forget(self) -> None:
        """Stop, and delete everything that this emulator kept: its state, its log, its lock."""
        self.stop()
        for folder in (self._state, self._scratch):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.log, self._lock):
            file.unlink(missing_ok=True)

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of the log, or an empty text if there is none."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
