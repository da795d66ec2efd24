"""One write on a stage: set it, break its I/O, let the event come again, look at what is stored."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from tests.support.dynamodb.tables import Rows
from tests.support.histories.crash_sweep.money_writes import Crash
from tests.support.histories.gateway import FAULTS, KILLED, NAMED, Reply, Wire, deliver, forget
from tests.support.histories.ledger_audit import differences, number, text
from tests.support.histories.play import unsorted_rows
from tests.support.histories.stored_pauses import disagreements, histories
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.tables import Table
from tests.support.times import instant

MAX_STEPS_OF_PAIRS = 6
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


def _copied(tables: Mapping[str, Table]) -> dict[str, Table]:
    return {name: table.copy() for name, table in tables.items()}


class Stage:
    """The database and the process as they are before the write, to be set again and again."""

    def __init__(self, crash: Crash, cloud: MemoryCloud, wire: Wire, clock: Any) -> None:
        self.crash, self.cloud, self.wire, self.clock = crash, cloud, wire, clock
        cloud.set_limits(system=crash.system_limit)
        clock.move_to(START)
        crash.before()
        clock.move_to(START + timedelta(hours=1))
        crash.later()
        self._tables = _copied(cloud.database._tables)  # noqa: SLF001 - as it was
        self._process = copy.deepcopy(self._memory())

    def set(self, *, warm: bool) -> None:
        self.clock.move_to(START + timedelta(hours=1))
        self.cloud.database._tables.update(_copied(self._tables))  # noqa: SLF001 - as above
        self.wire.machines.reset()
        forget()
        if warm:
            for memory, before in zip(self._memory(), copy.deepcopy(self._process), strict=True):
                memory.update(before)

    @staticmethod
    def _memory() -> tuple[Any, Any]:
        parts = parts_of(Config.from_environment())
        return parts.hold_cache._seen, parts.truth._striping._known  # noqa: SLF001 - the same

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
        assert reply.body.get("allowed", self.crash.allowed) == self.crash.allowed
        return self.wire.attempts


def assert_ended_well(crash: Crash, case: Case, replies: list[Reply], rows: Rows) -> None:
    costs = {text(row, "entry_id"): number(row, "amount") for row in rows["LedgerTable"]}
    assert {name: f"{amount.normalize():f}" for name, amount in costs.items()} == dict(crash.costs)
    reservations = [row for row in rows["ReservationsTable"] if "facts" in row]
    ends = {str(row["pk"]["S"]).split("#")[-1]: str(text(row, "state")) for row in reservations}
    assert ends.keys() == crash.ends.keys()
    assert all(state in crash.ends[name] for name, state in ends.items()), ends
    assert histories(rows) == dict(crash.decided)
    assert not disagreements(rows), disagreements(rows)
    last, waited = replies[-1], sum(case.again, timedelta())
    if not waited or replies[0].error is None:
        assert all(
            state != "expired" or crash.ends[name] == {state} for name, state in ends.items()
        )
    assert last.error in ({None, crash.too_late} if waited else {None}), last
    assert last.body.get("allowed", crash.allowed) == crash.allowed, last
    assert crash.state in {None, last.body.get("state")}, last


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
        if steps <= MAX_STEPS_OF_PAIRS:
            places = list(itertools.combinations(range(steps + 1), 2))
            both = itertools.product(places, FAULTS, FAULTS, AGAIN)
            found += [Case({i: one, j: two}, again, warm) for (i, j), one, two, again in both]
    return found


def sweep_one(stage: Stage, case: Case) -> None:
    """Raises AssertionError, naming the case, where the write did not happen once and whole."""
    replies: list[Reply] = []
    try:
        replies = stage.play(case)
        assert_ended_well(stage.crash, case, replies, stage.cloud.rows())
        assert tuple(stage.wire.machines.names) == stage.crash.woken
    except AssertionError as fault:
        raise AssertionError(f"{stage.crash.name} under {case}: {fault}; {replies}") from fault
