"""`python -m local.bench.peers.work PEER STEP FOLDER [CALLERS]`: one step of the same work.

It needs nothing but the standard library and the library that it measures. Steps: `crowd` (callers
at the same instant), `pace` (one caller, again and again), `kill` (dies with an open call), `after`
(counts what is still allowed then). It prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.bench.peers.adapters import PEERS, Peer

COST, LIMIT, PLENTY = 0.10, 1.0, 100_000.0
CALL_SECONDS = 0.05
PAIRS, WARM = 60, 5
READY, START = "ready-", "start"
"""Files in the folder: one of each process that is ready, and one with the time to start."""
PAID_BEFORE_KILL, KILLED, MAX_ASKED = 3, 9, 20


def crowd(peer: Peer, folder: Path, callers: int) -> dict[str, float]:
    """Return how many of the callers made a call; all processes start at the same time."""
    start = _start_time(folder)

    def caller(_: int) -> bool:
        time.sleep(max(start - time.time(), 0))
        handle = peer.ask(COST)
        if handle is None:
            return False
        time.sleep(CALL_SECONDS)  # the call to the model
        peer.pay(handle, COST)
        return True

    with ThreadPoolExecutor(callers) as pool:
        return {"calls": sum(pool.map(caller, range(callers)))}


def _start_time(folder: Path) -> float:
    """Say that this process is ready, and return the time at which all start."""
    (folder / f"{READY}{os.getpid()}").touch()
    while not (folder / START).exists():
        time.sleep(0.005)
    return float((folder / START).read_text())


def pace(peer: Peer, *_: object) -> dict[str, float]:
    """Return the median milliseconds to ask and to pay."""
    times = []
    for _each in range(PAIRS + WARM):
        began = time.perf_counter()
        peer.pay(peer.ask(COST), COST)
        times.append(1000 * (time.perf_counter() - began))
    return {"milliseconds": round(statistics.median(times[WARM:]), 3)}


def kill(peer: Peer, *_: object) -> dict[str, float]:
    """Die after three calls that were paid and one that was not."""
    for _each in range(PAID_BEFORE_KILL):
        peer.pay(peer.ask(COST), COST)
    peer.ask(COST)
    os._exit(KILLED)


def after(peer: Peer, *_: object) -> dict[str, float]:
    """Return how many calls are allowed now."""
    calls = 0
    while calls < MAX_ASKED and (handle := peer.ask(COST)) is not None:
        peer.pay(handle, COST)
        calls += 1
    return {"calls": calls}


STEPS: dict[str, Callable[[Peer, Path, int], dict[str, float]]] = {
    "crowd": crowd,
    "pace": pace,
    "kill": kill,
    "after": after,
}


def main(name: str, step: str, folder: str, callers: str = "1") -> None:
    """Run one step and print its result on standard error, where no library logs JSON."""
    peer = PEERS[name](Path(folder), PLENTY if step == "pace" else LIMIT)
    told = json.dumps(STEPS[step](peer, Path(folder), int(callers)))
    sys.stderr.write(f"{told}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
