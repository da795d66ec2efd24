"""A line of prices: a model's prices over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from budget_monitor_client.cli.code.file import PRICE_FIELDS
from budget_monitor_client.cli.code.values import normal
from budget_monitor_client.cli.exits import CommandError

LineName = tuple[str, str | None]
"""Model and provider, in lower case: names of models mean the same in any case."""
_LABELS = {"model", "provider", "from", "ends"}


@dataclass(frozen=True)
class Line:
    """The prices of a model: the rates from each moment on; None: the published price."""

    model: str
    provider: str | None
    steps: tuple[tuple[datetime, Mapping[str, Any] | None], ...]

    def at(self, moment: datetime) -> Mapping[str, Any] | None:
        """Return the rates in force at the moment."""
        held = [rates for since, rates in self.steps if since <= moment]
        return held[-1] if held else None

    def coming(self, now: datetime) -> list[datetime]:
        """Return the moments after now at which the rates change."""
        return [since for since, _ in self.steps if since > now]


Lines = Mapping[LineName, Line]


@dataclass(frozen=True)
class PriceStep:
    """A change of a line: rates from a moment on, or the end of the line; None: from now on."""

    line: Line
    since: datetime | None
    rates: Mapping[str, Any] | None
    before: Mapping[str, Any] | None


def lines_of(items: Iterable[Mapping[str, Any]], now: datetime | None = None) -> Lines:
    """Return the lines of prices, from an answer or from the file.

    `now` is from when a price without `from` holds; answers have no such price.
    """
    found: dict[LineName, list[tuple[datetime, Mapping[str, Any] | None]]] = {}
    names: dict[LineName, tuple[str, str | None]] = {}
    for one in items:
        model, provider = str(one["model"]).strip(), one.get("provider")
        line = (model.casefold(), provider.strip().casefold() if provider else None)
        since = now if one.get("from") is None else moment(one["from"])
        if since is None:
            raise ValueError("a price of an answer has a moment")
        steps = found.setdefault(line, [])
        if any(since == other for other, _ in steps):
            raise CommandError(f"two prices of {model} hold from the same moment")
        steps.append((since, None if one.get("ends") else rates_of(one)))
        names.setdefault(line, (model, provider))
    return {
        line: Line(*names[line], tuple(sorted(steps, key=lambda step: step[0])))
        for line, steps in found.items()
    }


def rates_of(price: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rates of a price, without what names it."""
    return {
        name: price[name] for name in sorted(PRICE_FIELDS - _LABELS) if price.get(name) is not None
    }


def same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Return whether two rates are the same."""
    return bool(normal("", one) == normal("", other))


def steps_between(present: Line | None, wanted: Line | None, now: datetime) -> Iterator[PriceStep]:
    """Return the changes from the present line to the wanted one, from now on, in order."""
    line = wanted or present
    if line is None:
        return
    held = Line(line.model, line.provider, present.steps if present else ())
    aim = wanted or Line(line.model, line.provider, ())
    for at in sorted({now, *held.coming(now), *aim.coming(now)}):
        rates, before = aim.at(at), held.at(at)
        if same(before, rates):
            continue
        yield PriceStep(line, None if at == now else at, rates, before)
        held = _changed(held, at, rates)


def _changed(line: Line, at: datetime, rates: Mapping[str, Any] | None) -> Line:
    """The line after a change. The end of a line deletes what would start later."""
    others: Sequence[tuple[datetime, Mapping[str, Any] | None]] = [
        step for step in line.steps if (step[0] < at if rates is None else step[0] != at)
    ]
    steps = sorted([*others, (at, rates)], key=lambda step: step[0])
    return Line(line.model, line.provider, tuple(steps))


def moment(text: object) -> datetime:
    """Return a moment. Raises CommandError for any other text."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as error:
        raise CommandError(f"from: {text} is no moment such as 2026-12-01T00:00:00Z") from error
    if found.tzinfo is None:
        raise CommandError(f"from: {text} needs a time zone, for example 2026-12-01T00:00:00Z")
    return found
