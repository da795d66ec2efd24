"""Events from a seed: what callers might send, in what order, how often, and what breaks."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.support.histories.draws import draws, with_draws
from tests.support.histories.gateway import FAULTS
from tests.support.histories.scenes import (
    BUDGETS_SET,
    Deciding,
    Step,
    edge,
    with_budgets,
    with_edges,
    with_names,
)
from tests.support.histories.tokens import in_tokens
from tests.support.times import instant

EVENTS = 30
ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:"
STARTS = (
    "2026-11-15T10:00:00Z",
    "2026-11-30T23:50:00Z",
    "2026-12-03T23:40:00Z",
    "2027-12-31T23:58:00Z",
    "2028-02-29T22:00:00Z",
)
WAITS = (0, 0, 1, 59, 600, 1000, 3600, 90_000, 73 * 3600, 34 * 86_400)
LIKELY_WAITS = (60, 60, 40, 30, 20, 12, 10, 5, 3, 2)
AMOUNTS = ("0.07", "0.5", "1", "1.00", "1.37", "2.5", "3.000000000001", "0.000000000001", "4", "7")
RUNS: tuple[dict[str, str], ...] = (
    {"agent_execution_id": "run-1"},
    {"agent_execution_id": "run-2", "workflow_execution_id": "flow-1"},
    {"agent_execution_id": "run-2"},
    {"agent_execution_id": "run-3", "parent_execution_id": "run-2"},
    {"agent_execution_id": "run-4", "parent_execution_id": "run-3"},
    {"agent_execution_id": "run-5", "workflow_execution_id": "flow-2"},
    {"workflow_execution_id": "flow-1"},
    {"agent_execution_id": "run-1", "workflow_execution_id": "flow-2"},
)
OPERATIONS = {
    "reserve": 26,
    "settle": 18,
    "record_cost": 16,
    "release": 8,
    "check": 6,
    "adjust": 7,
    "extend": 6,
    "record_costs": 5,
    "expire": 4,
    "release_stopped": 3,
}
GOVERNED = 0.15
DUPLICATES, FAULTY, FORGOTTEN, DEPLOYED, ODD, DROPPED = 0.15, 0.25, 0.3, 0.06, 0.1, 0.4


@dataclass(frozen=True)
class Event:
    """One delivery, so long after the one before it."""

    operation: str
    fields: dict[str, Any]
    wait: int = 0
    faults: dict[int, str] = field(default_factory=dict)
    forgotten: bool = False
    """Another process answers from now on."""
    dropped: bool = False
    """The caller does not retry without an answer."""
    deployed: int | None = None
    """These limits apply from now on."""


@dataclass(frozen=True)
class History:
    """A seed's events, from an instant."""

    seed: int
    start: datetime
    events: tuple[Event, ...]


def history(seed: int, deployments: int) -> History:
    """The same for the same seed, for ever."""
    chance = random.Random(seed)  # noqa: S311 - a history, not a secret
    start = instant(chance.choice(STARTS))
    maker, events, now = _Maker(chance, f"t{seed}"), list[Event](), start
    for _ in range(EVENTS):
        wait = chance.choices(WAITS, LIKELY_WAITS)[0]
        now += timedelta(seconds=wait)
        if events and chance.random() < DUPLICATES:
            again = chance.choice(events)
            operation, fields = again.operation, again.fields
        else:
            operation, fields = maker.event(now)
        events.append(_disturbed(chance, operation, fields, wait, deployments))
    for place in range(EVENTS - 1):
        if chance.random() < ODD:
            events[place], events[place + 1] = events[place + 1], events[place]
    events = _drawn(seed, _with_scenes(seed, start, events))
    if not seed % 3:
        events = [replace(one, fields=in_tokens(one.fields)) for one in events]
    return History(seed, start, tuple(_governed(seed, events)))


def _with_scenes(seed: int, start: datetime, events: list[Event]) -> list[Event]:
    """The same events, and in some histories scenes in place of the last ones."""
    chance = random.Random(f"scenes {seed}")  # noqa: S311 - a history, not a secret
    tenants = [f"t{seed}-{name}" for name in "ab"]
    if with_edges(seed):
        for number in range(chance.choice((1, 1, 2))):
            place = chance.randrange(len(events) * 2 // 3)
            now = start + timedelta(seconds=sum(one.wait for one in events[:place]))
            events = _inserted(chance, events, place, edge(chance, number, tenants, now))
    if with_budgets(seed):
        deciding, place = Deciding(chance, tenants), 0
        while place < len(events):
            if place < 3 or chance.random() < BUDGETS_SET:
                events = _inserted(chance, events, place, [deciding.step()])
                place += 1
            place += 1
    return events


def _inserted(
    chance: random.Random, events: list[Event], place: int, steps: list[Step]
) -> list[Event]:
    """The events with these steps from there on, and as many fewer at the end."""
    more = [_disturbed(chance, *step, 0) for step in steps]
    return [*events[:place], *more, *events[place:]][: max(EVENTS, place + len(more))]


def _drawn(seed: int, events: list[Event]) -> list[Event]:
    """The same events, and in some histories draws from the holds between them."""
    if not with_draws(seed):
        return events
    chance, drawn = random.Random(f"draws {seed}"), list[Event]()  # noqa: S311 - a history
    for event, fields in zip(events, draws(chance, [f"t{seed}-{n}" for n in "ab"]), strict=False):
        drawn.append(event)
        if fields:
            drawn.append(_disturbed(chance, "draw", fields, 0, 0))
    return drawn


def _governed(seed: int, events: list[Event]) -> list[Event]:
    """The same events, and in every second history people who pause and resume between them."""
    chance = random.Random(f"people {seed}")  # noqa: S311 - a history, not a secret
    if seed % 2:
        return events
    governed = list[Event]()
    for event in events:
        governed.append(event)
        if chance.random() < GOVERNED:
            operation = chance.choice(("pause", "resume", "resume"))
            limit = {"limit_usd": chance.choice(("3", "9", "20"))} if chance.random() < 0.4 else {}
            fields = {
                "tenant_id": f"t{seed}-{chance.choice('ab')}",
                "workflow_execution_id": f"flow-{chance.choice('12')}",
                "by": "maria",
                "reason": "because",
                **(limit if operation == "resume" else {}),
            }
            disturbed = _disturbed(chance, operation, fields, 0, 0)
            governed.append(disturbed)
    return governed


def _disturbed(
    chance: random.Random, operation: str, fields: dict[str, Any], wait: int, deployments: int
) -> Event:
    faults = {}
    if chance.random() < FAULTY:
        faults = {
            chance.randrange(4): chance.choice(sorted(FAULTS)) for _ in range(chance.choice((1, 2)))
        }
    redeployed = chance.random() < DEPLOYED and deployments
    deployed = chance.randrange(deployments) if redeployed else None
    forgotten, dropped = chance.random() < FORGOTTEN, chance.random() < DROPPED
    return Event(operation, fields, wait, faults, forgotten, dropped, deployed)


class _Maker:
    """Makes events whose ids collide, and whose contents mostly agree where they do."""

    def __init__(self, chance: random.Random, prefix: str) -> None:
        self._chance = chance
        self._tenants = [f"{prefix}-a", f"{prefix}-b"]
        self._usual: dict[Any, Any] = {}

    def event(self, now: datetime) -> tuple[str, dict[str, Any]]:
        operation = self._chance.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        fields = getattr(self, f"_{operation}")(now)
        if operation == "expire":
            return operation, fields
        if operation == "release_stopped":
            return operation, fields
        return operation, {"tenant_id": self._chance.choice(self._tenants), **fields}

    def _same(self, name: str, make: Any) -> Any:
        """What this id mostly stands for."""
        made = make()
        usual = self._usual.setdefault(name, made)
        return made if self._chance.random() < ODD else usual

    def _labels(self) -> dict[str, Any]:
        chance = self._chance
        labels: dict[str, Any] = dict(chance.choice(RUNS))
        if chance.random() < 0.5:
            labels["agent"] = chance.choice(("writer", "critic"))
        if chance.random() < 0.5:
            labels["model"] = "gpt-x"
        return with_names(labels)

    def _amount(self) -> str:
        return self._chance.choice(AMOUNTS)

    def _moment(self, now: datetime) -> dict[str, str]:
        """Sometimes when it happened: a while ago, months ago, a little or too far ahead."""
        if self._chance.random() < 0.6:
            return {}
        ago = self._chance.choice((-400, -200, 1, 3600, 26 * 3600, 75 * 3600, 40 * 86_400))
        return {"occurred_at": f"{now - timedelta(seconds=ago):%Y-%m-%dT%H:%M:%SZ}"}

    def _hold(self) -> str:
        return f"hold-{self._chance.randrange(7)}"

    def _reserve(self, _: datetime) -> dict[str, Any]:
        name = self._hold()
        return {**self._same(name, self._hold_content), "reservation_id": name}

    def _hold_content(self) -> dict[str, Any]:
        content: dict[str, Any] = {"estimated_cost_usd": self._amount(), **self._labels()}
        if self._chance.random() < 0.6:
            content["expires_in_seconds"] = self._chance.choice((1, 60, 1200, 86_400))
        if self._chance.random() < 0.3:
            content["state_machine_execution_arn"] = ARN + self._chance.choice("xy")
        return content

    def _check(self, _: datetime) -> dict[str, Any]:
        return {"estimated_cost_usd": self._amount(), **self._labels()}

    def _extend(self, _: datetime) -> dict[str, Any]:
        life = self._chance.choice((1, 300, 2000, 86_400))
        return {"reservation_id": self._hold(), "expires_in_seconds": life}

    def _release(self, _: datetime) -> dict[str, Any]:
        return {"reservation_id": self._hold()}

    def _settle(self, now: datetime) -> dict[str, Any]:
        name = self._hold()
        cost = self._same(
            f"settle {name}", lambda: {"cost_usd": self._amount()} | self._moment(now)
        )
        named = {"entry_id": self._cost()} if self._chance.random() < ODD else {}
        return {"reservation_id": name, **cost, **named}

    def _cost(self) -> str:
        return f"cost-{self._chance.randrange(8)}"

    def _record_cost(self, now: datetime) -> dict[str, Any]:
        name = self._cost()
        return {**self._same(name, lambda: self._content(now)), "entry_id": name}

    def _content(self, now: datetime) -> dict[str, Any]:
        content = {"cost_usd": self._amount(), **self._labels(), **self._moment(now)}
        return content | (
            {"tokens": self._chance.randrange(99)} if self._chance.random() < 0.5 else {}
        )

    def _record_costs(self, now: datetime) -> dict[str, Any]:
        costs = [self._record_cost(now) for _ in range(self._chance.randint(1, 4))]
        for one in costs:  # who waits for whose first use within one batch has tests of its own
            if one.pop("parent_execution_id", None):
                one["agent_execution_id"] = "run-1"
        return {"costs": costs}

    def _adjust(self, _: datetime) -> dict[str, Any]:
        sign = self._chance.choice(("", "-"))
        return {
            "entry_id": self._chance.choice((self._cost(), f"settle:{self._hold()}")),
            "adjustment_id": self._chance.choice(
                (f"less-{self._chance.randrange(4)}", self._cost())
            ),
            "amount_usd": sign + self._amount(),
            "reason": "the bill",
            "by": "maria",
        }

    def _expire(self, _: datetime) -> dict[str, Any]:
        return {}

    def _release_stopped(self, _: datetime) -> dict[str, Any]:
        return {"state_machine_execution_arn": ARN + self._chance.choice("xy")}
