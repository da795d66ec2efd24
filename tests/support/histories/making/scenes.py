"""What three of five histories have besides: corrections over a month's end, budgets replaced.

Two of five stay as they always were, so that a seed that parted once can be played for ever.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.support.histories.oracle.months import end_of_month

Fields = dict[str, Any]
Step = tuple[str, Fields, int]
"""An operation, its fields, and the seconds after the previous step."""

HOUR, DAY = 3600, 86_400
BEFORE = (1, 60, 600, 2 * HOUR)
SETTLED = (0, 120, 2 * HOUR)
CORRECTED = (60, DAY, 72 * HOUR - 1, 72 * HOUR, 73 * HOUR, 35 * DAY)
"""Seconds before a month's end at which money is held or spent, and after it at which it is settled
and corrected."""
COSTS = ("0.5", "1.37", "2.5", "4")
MAX_OF_TENANT, BUDGETS_SET = 3, 0.25


def with_edges(seed: int) -> bool:
    """True if the history has corrections over a month's end."""
    return seed % 5 in {0, 1, 4}


def with_budgets(seed: int) -> bool:
    """True if budgets are set, replaced and deleted in the history."""
    return seed % 5 in {1, 4}


def most_behind(seed: int) -> int:
    """Return how many writes the indexes may be behind in the history."""
    return 1 + seed % 7 if seed % 5 in {0, 4} else 0


def edge(chance: random.Random, number: int, tenants: Sequence[str], now: datetime) -> list[Step]:
    """A cost beside the end of the month, and its corrections before and after 72 hours."""
    tenant, whose = {"tenant_id": chance.choice(tenants)}, _labels(chance)
    end, cost = end_of_month(now), chance.choice(COSTS)
    first = max(end - timedelta(seconds=chance.choice(BEFORE)), now)
    named, moment = f"edge-{number}", first
    steps: list[Step] = []

    def then(operation: str, at: datetime, **fields: Any) -> None:
        nonlocal moment
        before = moment if steps else now
        moment = max(at, before)
        wait = int((moment - before).total_seconds())
        steps.append((operation, {**tenant, **fields}, wait))

    kind = chance.choice(("hold", "hold", "cost", "late cost"))
    if kind == "hold":
        life = chance.choice((60, 1200, DAY))
        held = {"estimated_cost_usd": cost, "expires_in_seconds": life, **whose}
        then("reserve", first, reservation_id=named, **held)
        called = {"model": "gpt-x"} if chance.random() < 0.2 else {}
        settled = end + timedelta(seconds=chance.choice(SETTLED))
        then("settle", settled, reservation_id=named, cost_usd=cost, **called)
        named = f"settle:{named}"
    else:
        ago = timedelta(days=70 if kind == "late cost" else 0)
        when = {"occurred_at": f"{first - ago:%Y-%m-%dT%H:%M:%SZ}"}
        then("record_cost", first, entry_id=named, cost_usd=cost, **whose, **when)
    for place, after in enumerate(sorted(chance.sample(CORRECTED, 3))):
        amount = chance.choice(("-" + cost, "-0.5", "-0.07", "0.5"))
        fix = {"adjustment_id": f"fix-{number}-{place}", "amount_usd": amount}
        said = {"reason": "the bill", "by": "maria"}
        then("adjust", end + timedelta(seconds=after), entry_id=named, **fix, **said)
    then("reserve", moment, reservation_id=f"after-{number}", estimated_cost_usd="7", **whose)
    return steps


def with_names(labels: Fields) -> Fields:
    """Labels with the user and the tags that go with their agent and model. No chance is used."""
    of_agent: dict[str, Fields] = {
        "writer": {"user": "ana"},
        "critic": {"tags": ["b", "a"], "workflow": "nightly"},
    }
    of_model = {"provider": "openai"} if "model" in labels else {}
    return {**labels, **of_agent.get(labels.get("agent", ""), {}), **of_model}


def _labels(chance: random.Random) -> Fields:
    labels = {"agent_execution_id": f"run-{chance.choice('1256')}"}
    if chance.random() < 0.7:
        labels["agent"] = chance.choice(("writer", "critic"))
    if chance.random() < 0.5:
        labels["model"] = "gpt-x"
    return with_names(labels)


LIMITS: dict[str, tuple[Any, ...]] = {
    "usd": ("3", "6", "12"),
    "tokens": (40, 5000, 10**6),
    "calls": (2, 5, 12),
}


class Deciding:
    """People who set budgets, replace them and take them away. None has a second life."""

    def __init__(self, chance: random.Random, tenants: Sequence[str]) -> None:
        self._chance = chance
        self._tenants = tenants
        self._there: dict[str, dict[str, Fields]] = {"": {}, **{one: {} for one in tenants}}
        self._had: set[tuple[Any, ...]] = set()
        self._made = 0

    def step(self) -> Step:
        """The next decision."""
        chance = self._chance
        owner = chance.choice(("", *self._tenants, *self._tenants))
        there, most = self._there[owner], MAX_OF_TENANT if owner else 1
        self._made += 1
        keyed = {"idempotency_key": f"decision-{self._made}", "by": "maria", "reason": "because"}
        if owner:
            keyed["tenant_id"] = owner
        of = "budget" if owner else "system_budget"
        what = chance.choice(("delete", "limit", "other", "other")) if there else "new"
        if len(there) < most and chance.random() < 0.6:
            what = "new"
        name = f"b-{self._made}" if what == "new" else chance.choice(sorted(there))
        if what == "delete":
            del there[name]
            return f"delete_{of}", {"budget_id": name, **keyed}, 0
        if what != "limit":
            there[name] = self._whose(owner, name)
        whose = dict(there[name])
        unit = whose.pop("unit")
        limit = {f"limit_{unit}": chance.choice(LIMITS[unit])}
        return f"set_{of}", {"budget_id": name, **limit, **whose, **keyed}, 0

    def _whose(self, owner: str, name: str) -> Fields:
        """A scope and a period that no budget of this name had."""
        scopes: list[Fields] = [{"scope": "system"}]
        if owner:
            names = {"agent": ("writer", "critic", "*"), "model": ("gpt-x", "gpt-4o", "*")}
            scopes = [{"scope": s, "scope_id": n} for s, given in names.items() for n in given]
            scopes.append({"scope": "tenant"})
        periods = ("minute", "hour", "day", "week", "month", "quarter", "year", "total")
        all_ = [{**scope, "period": period} for scope in scopes for period in periods]
        left = [one for one in all_ if (owner, name, *one.values()) not in self._had]
        found = self._chance.choice(left or all_[-1:])
        self._had.add((owner, name, *found.values()))
        return {**found, "unit": self._chance.choice(("usd", "usd", "usd", "tokens", "calls"))}
