"""The goals of performance, and whether the results of a run meet them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.bench.capacity import DRAW_COSTS, DRAWS, PAIR, REFUSALS
from local.bench.contention.callers import GROWN_STRIPES, LIKELY_CALLERS, LIKELY_LOCK
from local.bench.cpu.starts import BASE

Results = dict[str, Any]
CPU, IMPORT, FIRST = 1.25, 0.85, 1.1
PAIR_UNITS, DRAW_UNITS, LOOP_REQUESTS = 20, 12, 1
P99_MS, SYSTEM_PAIRS = 1000, 1000


@dataclass(frozen=True)
class Goal:
    """A number that should not be above its goal, or not below it."""

    name: str
    value: float
    goal: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """True if the number meets the goal."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def bound(self) -> str:
        """Return the goal in words."""
        return f"{'at least' if self.at_least else 'at most'} {self.goal:,g}{self.unit}"

    @property
    def verdict(self) -> str:
        """Return `yes`, or by how much the number misses the goal."""
        if self.met:
            return "yes"
        if not self.goal:
            return f"no: {self.value:,g} instead of 0"
        far = 100 * abs(self.value - self.goal) / self.goal
        return f"no: {far:.0f} % {'below' if self.at_least else 'above'} it"


def goals(results: Results) -> list[Goal]:
    """Return all goals of the sections that did not fail."""
    parts = {
        "hot_path": _hot_path,
        "starts": _starts,
        "capacity": _capacity,
        "contention": _contention,
        "reads": _reads,
        "peers": _peers,
    }
    return [
        goal
        for name, part in parts.items()
        if "failed" not in results[name]
        for goal in part(results[name])
    ]


def _hot_path(found: Results) -> Iterator[Goal]:
    for name, one in found.items():
        yield Goal(f"CPU of `{name}`, times a raw call", one["ratio"], CPU, "x")


def _starts(found: Results) -> Iterator[Goal]:
    base = found[BASE]["first_answer_ms"]
    for name, one in found.items():
        if name != BASE:
            what = "times boto3, Logger and one call"
            yield Goal(f"import of {name}, {what}", round(one["import_ms"] / base, 2), IMPORT, "x")
            first = round(one["first_answer_ms"] / base, 2)
            yield Goal(f"first answer of {name}, {what}", first, FIRST, "x")


def _capacity(found: Results) -> Iterator[Goal]:
    yield Goal("write units of a pair (reserve and settle)", found[PAIR]["units"], PAIR_UNITS)
    each = round(found[DRAW_COSTS]["units"] / DRAWS, 1)
    yield Goal(f"write units of a draw, one hold for {DRAWS}", each, DRAW_UNITS)
    again = [found[f"refused by the {by}, again"] for by in REFUSALS]
    most = max(one["requests"] for one in again)
    yield Goal("requests of a looping agent at its limit", most, LOOP_REQUESTS)
    failed = max(one["failed"] for one in again)
    yield Goal("failed transactions of a looping agent at its limit", failed, 0)


def _contention(found: Results) -> Iterator[Goal]:
    settings = {found["default_stripes"]: "the template's", GROWN_STRIPES: "grown twice"}
    for stripes, setting in settings.items():
        yield from _crowd(found["loads"], stripes, setting)
    likely = [load for load in found["loads"] if load["lock_ms"] == LIKELY_LOCK]
    best = max(likely, key=lambda load: load["pairs_per_second"])
    name = f"pairs a second for the system, {best['system_stripes']} rows"
    yield Goal(name, best["pairs_per_second"], SYSTEM_PAIRS, at_least=True)


def _crowd(loads: list[Results], stripes: int, setting: str) -> Iterator[Goal]:
    """Goals of many callers of one tenant whose accounts have so many rows."""
    asked = (LIKELY_CALLERS, 1, LIKELY_LOCK, stripes)
    names = ("callers", "tenants", "lock_ms", "tenant_stripes")
    one = next(load for load in loads if tuple(load[name] for name in names) == asked)
    rows = f"{stripes} row{'' if stripes == 1 else 's'} ({setting})"
    what = f"{LIKELY_CALLERS} callers of one tenant, {LIKELY_LOCK} ms, {rows}"
    yield Goal(f"p99 of a request, {what}", one["p99_ms"], P99_MS, " ms")
    yield Goal(f"503s, {what}", one["unavailable"], 0)
    name = f"later requests that overtake one (p99), {what}"
    yield Goal(name, one["overtaken_p99"], LIKELY_CALLERS)


def _reads(found: Results) -> Iterator[Goal]:
    first, *_, last = found
    grown = [name for name, count in found[last].items() if count > found[first][name]]
    yield Goal(f"reads with more requests at {last} entries than at {first}", len(grown), 0)


def _peers(found: Results) -> Iterator[Goal]:
    over = found["peers"]["Budget Monitor"]["overspent_by_processes_usd"]
    if not isinstance(over, str):
        yield Goal(f"overspend of {found['callers']} callers", over, 0, " USD")
