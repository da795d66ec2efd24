"""Many random histories: `python -m tests.support.histories.soak 10000 [first seed]`.

Prints the seeds done, the rate, and each seed that parts as soon as it does; exits 1 if one did.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import time

import pytest
from botocore.loaders import JSONFileLoader

from tests.support.environment import CREDENTIALS
from tests.support.histories.events import EVENTS
from tests.support.histories.gateway import Wire
from tests.support.histories.play import play
from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.fixture import NOWHERE, MemoryCloud

FIRST_SEED, SAY_AFTER_SECONDS = 1_000_000, 30


def prepared(patch: pytest.MonkeyPatch) -> tuple[Wire, MemoryCloud]:
    """A database in memory and the environment that leads to it, as the fixtures make them."""
    read = functools.cache(JSONFileLoader().load_file)
    patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        patch.delenv(name)
    settings = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    for name, value in {**CREDENTIALS, **settings, "AWS_ENDPOINT_URL": NOWHERE}.items():
        patch.setenv(name, value)
    database = MemoryDynamoDB()
    database.install(patch)
    return Wire(patch), MemoryCloud(database, patch)


def soak(count: int, first: int) -> list[int]:
    """Return the seeds on which product and oracle differ."""
    failed, started, said = list[int](), time.perf_counter(), 0.0
    with pytest.MonkeyPatch.context() as patch:
        wire, cloud = prepared(patch)
        for done, seed in enumerate(range(first, first + count), start=1):
            try:
                play(seed, wire, cloud)
            except AssertionError as fault:
                failed.append(seed)
                _say(f"FAILED {fault}")
            spent = time.perf_counter() - started
            if spent - said > SAY_AFTER_SECONDS or done == count:
                said = spent
                rate = f"{done / spent:.1f} histories ({done * EVENTS / spent:.0f} events) a second"
                _say(f"seeds {first} to {seed}: {done} of {count} done, {rate}, failed: {failed}")
    return failed


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(bool(soak(*given, *(10_000, FIRST_SEED)[len(given) :])))
