"""Every write is broken at every I/O step in every way, and comes again: once, and all of it.

In memory; so many single faults and pairs a write, chosen by a fixed seed where there are more.
"""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from budget_monitor import bootstrap
from budget_monitor.config import Config
from tests.histories.books import differences, number, text
from tests.histories.crashes import CRASHES, Crash
from tests.histories.gateway import FAULTS, KILLED, NAMED, Reply, Wire, deliver, forget
from tests.histories.playing import unsorted_rows
from tests.memory.fixture import MemoryCloud, memory_cloud
from tests.support.tables import Rows
from tests.support.times import instant

__all__ = ["memory_cloud"]

SEED, SINGLES, PAIRS = 20261122, 230, 40
MOST_STEPS = 2000  # of all single faults of one write: a sweep of the shards has 35
MOST_STEPS_OF_PAIRS = 6
START = instant("2026-11-22T10:00:00Z")
AGAIN = tuple(
    tuple(timedelta(minutes=one) for one in minutes)
    for minutes in ((0,), (0, 0), (0, 0, 0), (11,), (25 * 60,), (34 * 1440,), (11, 1500, 48960))
)


@dataclass(frozen=True)
class Case:
    """Faults at numbered attempts, when the event comes again, and whether by a new process."""

    faults: Mapping[int, str]
    again: tuple[timedelta, ...]
    warm: bool


class Stage:
    """The database and the process as they are before the write, to be set again and again."""

    def __init__(self, crash: Crash, cloud: MemoryCloud, wire: Wire, clock: Any) -> None:
        self.crash, self.cloud, self.wire, self.clock = crash, cloud, wire, clock
        clock.move_to(START)
        crash.before()
        clock.move_to(START + timedelta(hours=1))
        crash.later()
        self._tables = copy.deepcopy(cloud.database._tables)  # noqa: SLF001 - as it was
        self._process = copy.deepcopy(self._memory())

    def set(self, *, warm: bool) -> None:
        self.clock.move_to(START + timedelta(hours=1))
        self.cloud.database._tables.update(copy.deepcopy(self._tables))  # noqa: SLF001 - as above
        forget()
        if warm:
            for memory, before in zip(self._memory(), copy.deepcopy(self._process), strict=True):
                memory.update(before)

    @staticmethod
    def _memory() -> tuple[Any, Any]:
        parts = bootstrap._parts(Config.from_environment())  # noqa: SLF001 - a process's memory
        return parts.remembered._seen, parts.store._striping._known  # noqa: SLF001 - the same

    def deliver(self) -> Reply:
        """The event once; its process ends where it is killed. The books must balance."""
        reply = deliver(**self.crash.event)
        if reply.error == KILLED:
            forget()
        assert reply.error in NAMED | {None}
        assert not differences(unsorted_rows(self.cloud))
        return reply

    def play(self, case: Case) -> list[Reply]:
        self.set(warm=case.warm)
        self.wire.expect(case.faults)
        replies = [self.deliver()]
        for wait in case.again:
            self.clock.shift(wait)
            replies.append(self.deliver())
        self.wire.expect({})
        if replies[-1].unanswered:
            replies.append(self.deliver())
        return replies

    def steps(self, *, warm: bool) -> int:
        """How many I/O steps the write takes when nothing goes wrong."""
        self.set(warm=warm)
        self.wire.expect({})
        reply = self.deliver()
        assert reply.error is None
        assert reply.body.get("allowed", True)
        return self.wire.attempts


@pytest.fixture
def wire(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def assert_ended_well(crash: Crash, case: Case, replies: list[Reply], rows: Rows) -> None:
    costs = {text(row, "entry_id"): number(row, "amount") for row in rows["LedgerTable"]}
    assert {name: f"{amount.normalize():f}" for name, amount in costs.items()} == dict(crash.costs)
    reservations = [row for row in rows["ReservationsTable"] if "facts" in row]
    ends = {str(row["pk"]["S"]).split("#")[-1]: str(text(row, "state")) for row in reservations}
    assert ends.keys() == crash.ends.keys()
    assert all(state in crash.ends[name] for name, state in ends.items()), ends
    last, waited = replies[-1], sum(case.again, timedelta())
    if not waited or replies[0].error is None:
        assert all(
            state != "expired" or crash.ends[name] == {state} for name, state in ends.items()
        )
    assert last.error in ({None, crash.too_late} if waited else {None}), last
    assert last.body.get("allowed", True), last


def singles(stage: Stage) -> list[Case]:
    return [
        Case({step: fault}, again, warm)
        for warm in (True, False)
        for step in range(stage.steps(warm=warm))
        for fault in FAULTS
        for again in AGAIN
    ]


def pairs(stage: Stage) -> list[Case]:
    """The second fault may meet the next delivery of the same event."""
    found = []
    for warm in (True, False):
        steps = stage.steps(warm=warm)
        if steps <= MOST_STEPS_OF_PAIRS:
            places = list(itertools.combinations(range(steps + 1), 2))
            both = itertools.product(places, FAULTS, FAULTS, AGAIN)
            found += [Case({i: one, j: two}, again, warm) for (i, j), one, two, again in both]
    return found


@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash.name)
def test_a_write_that_is_broken_anywhere_happens_once_and_whole(
    crash: Crash, memory_cloud: MemoryCloud, wire: Wire, clock: Any, record_property: Any
) -> None:
    memory_cloud.set_limits(system=crash.system_limit)
    stage = Stage(crash, memory_cloud, wire, clock)
    chance = random.Random(SEED)  # noqa: S311 - a fixed choice of cases
    all_singles, all_pairs = singles(stage), pairs(stage)
    done = min(SINGLES, len(all_singles), MOST_STEPS // stage.steps(warm=False))
    chosen = chance.sample(all_singles, done)
    chosen += chance.sample(all_pairs, min(PAIRS, len(all_pairs)))

    for case in chosen:
        replies = stage.play(case)
        try:
            assert_ended_well(crash, case, replies, memory_cloud.rows())
        except AssertionError as fault:
            raise AssertionError(f"{crash.name} under {case}: {fault}; {replies}") from fault

    figures = f"{done} of {len(all_singles)} single, {len(chosen) - done} of {len(all_pairs)} pairs"
    record_property("crashes", figures)
    print(f"{crash.name}: {figures}")  # noqa: T201 - the figures of docs/reliability.md
