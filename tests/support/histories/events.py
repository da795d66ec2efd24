"""Events from a seed: what callers might send, in what order, how often, and what breaks."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.support.histories.gateway import FAULTS
from tests.support.histories.making.draws import draws, with_draws
from tests.support.histories.making.prepaying import (
    OFTEN,
    Prepaying,
    at_estimate,
    with_estimates,
    with_prepaid,
)
from tests.support.histories.making.requests import ODD, Maker
from tests.support.histories.making.scenes import (
    BUDGETS_SET,
    Deciding,
    Step,
    edge,
    with_budgets,
    with_edges,
)
from tests.support.histories.tokens import in_tokens
from tests.support.times import instant

EVENTS = 30
STARTS = (
    "2026-11-15T10:00:00Z",
    "2026-11-30T23:50:00Z",
    "2026-12-03T23:40:00Z",
    "2027-12-31T23:58:00Z",
    "2028-02-29T22:00:00Z",
)
WAITS = (0, 0, 1, 59, 600, 1000, 3600, 90_000, 73 * 3600, 34 * 86_400)
LIKELY_WAITS = (60, 60, 40, 30, 20, 12, 10, 5, 3, 2)
GOVERNED = 0.15
DUPLICATES, FAULTY, FORGOTTEN, DEPLOYED, DROPPED = 0.15, 0.25, 0.3, 0.06, 0.4


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
    maker, events, now = Maker(chance, f"t{seed}"), list[Event](), start
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
    events = _prepaid(seed, start, _estimated(seed, events))
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


def _estimated(seed: int, events: list[Event]) -> list[Event]:
    """The same events, and in some histories holds that are settled at their estimates."""
    if not with_estimates(seed):
        return events
    chance = random.Random(f"estimates {seed}")  # noqa: S311 - a history
    return [replace(e, fields=at_estimate(chance, e.operation, e.fields)) for e in events]


def _prepaid(seed: int, start: datetime, events: list[Event]) -> list[Event]:
    """The same events, and in some histories people between them who grant money in advance."""
    if not with_prepaid(seed):
        return events
    chance, done, now = random.Random(f"prepaid {seed}"), list[Event](), start  # noqa: S311
    people = Prepaying(chance, [f"t{seed}-{name}" for name in "ab"])
    for place, event in enumerate(events):
        if place < 3 or chance.random() < OFTEN:
            operation, fields, wait = people.step(now)
            now += timedelta(seconds=wait)
            done.append(_disturbed(chance, operation, fields, wait, 0))
        now += timedelta(seconds=event.wait)
        done.append(event)
    return done


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
