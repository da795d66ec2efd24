"""A server that a test run started ends with the run's process, however that process ends.

A fixture's teardown does not run in a process that dies by a signal. So each server has a small
process beside it that waits for the one that started both, and then ends the server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOK_SECONDS = 0.5
PROGRAM = """
import os, signal, sys, time
parent, server, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
while os.getppid() == parent:
    time.sleep(pause)
try:
    leads = os.getpgid(server) == server
    (os.killpg if leads else os.kill)(server, signal.SIGKILL)
except ProcessLookupError:
    pass
"""


@contextmanager
def taken_care_of(server: int) -> Iterator[None]:
    """While the block lasts, that process and its group end when this process is gone.

    The server must have been started by this process and be ended by the block.
    """
    own, seen = str(os.getpid()), str(server)
    caretaker = subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
        [sys.executable, "-I", "-S", "-c", PROGRAM, own, seen, str(LOOK_SECONDS)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the run first, and then the server
    )
    try:
        yield
    finally:
        caretaker.kill()
        caretaker.wait()
