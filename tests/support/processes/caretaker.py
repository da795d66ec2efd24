"""Stop a test run's servers when the run's process ends, for any reason.

Fixture teardown does not run in a process that is killed by a signal. So each server gets a small
helper process that waits until the run's process ends and then stops the server.
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
    """During the block, stop the process and its group if this process ends.

    This process must have started the server, and the block must stop it.
    """
    own, seen = str(os.getpid()), str(server)
    caretaker = subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
        [sys.executable, "-I", "-S", "-c", PROGRAM, own, seen, str(LOOK_SECONDS)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C must end the run first, then the server
    )
    try:
        yield
    finally:
        caretaker.kill()
        caretaker.wait()
