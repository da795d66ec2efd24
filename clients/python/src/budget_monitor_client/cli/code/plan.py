"""Plan the changes that make the service equal to the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from budget_monitor_client.cli.code.file import Wanted, WantedRules
from budget_monitor_client.cli.code.price_lines import Line, PriceStep, lines_of, steps_between
from budget_monitor_client.cli.code.rules import OwnRules, read
from budget_monitor_client.cli.code.values import normal
from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.routes import ROUTES

UNSAID: dict[str, Any] = {
    "limit_usd": None,
    "limit_tokens": None,
    "limit_calls": None,
    "enforcement": "enforce",
    "reserve_percent": 0,
    "downgrade": None,
    "rollover_usd": None,
}
"""Values of a budget's fields that are not in the file. Other fields stay as they are."""


@dataclass(frozen=True)
class Change:
    """One change of an owner's rules: an operation, and what it changes for people to read."""

    owner: str | None
    operation: str
    fields: Mapping[str, Any]
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def sign(self) -> str:
        """`+` makes, `-` deletes, `~` changes."""
        if not self.after:
            return "-"
        return "~" if self.before else "+"


@dataclass(frozen=True)
class Plan:
    """The changes, and the version of each owner's rules for which they were made."""

    changes: tuple[Change, ...]
    versions: Mapping[str | None, int]


def plan(
    budget: BudgetMonitor, wanted: Wanted, now: datetime, done: Callable[[], None] = lambda: None
) -> Plan:
    """Return the planned changes. `done` is called after each owner."""
    changes: list[Change] = []
    versions: dict[str | None, int] = {}
    for owner, rules in wanted.owners():
        present = read(budget, owner)
        versions[owner] = present.version
        changes += changes_of(owner, present, rules, now)
        done()
    return Plan(tuple(changes), versions)


def changes_of(
    owner: str | None, present: OwnRules, wanted: WantedRules, now: datetime
) -> Iterator[Change]:
    """Return the changes of one owner. What limits is made before what limits less is deleted."""
    yield from _settings(owner, present.settings, wanted.settings or {})
    if wanted.authority is not None:
        yield from _authority(owner, present.authority, wanted.authority)
    if wanted.prices is not None:
        yield from _prices(owner, present, lines_of(wanted.prices, now), now)
    if wanted.aliases is not None:
        yield from _aliases(owner, present.aliases, wanted.aliases)
    if wanted.budgets is not None:
        yield from _budgets(owner, present.budgets, wanted.budgets)


def differing(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wanted fields that differ from the present ones."""
    return {
        name: value
        for name, value in wanted.items()
        if normal(name, value) != normal(name, present.get(name))
    }


def _settings(
    owner: str | None, present: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Change]:
    new = differing(present, _sendable("set_tenant", wanted))
    if new:
        before = {name: present.get(name) for name in new}
        yield Change(owner, "set_tenant", new, "settings", before, new)


def _authority(
    owner: str | None, present: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Change]:
    """Replace the authority as a whole; an empty one removes it."""
    after = {name: one for name, one in wanted.items() if one is not None and one != []}
    new = differing(present, {**dict.fromkeys(present), **after})
    if new:
        operation = "set_authority" if owner else "set_system_authority"
        before = {name: present.get(name) for name in new} if present else {}
        yield Change(owner, operation, after, "authority", before, new if after else {})


def _budgets(
    owner: str | None,
    present: Mapping[str, Mapping[str, Any]],
    wanted: Mapping[str, Mapping[str, Any]],
) -> Iterator[Change]:
    whose = "" if owner else "system_"
    for name, one in wanted.items():
        subject, held = f"budget {name}", present.get(name)
        fields = {**UNSAID, **_sendable("update_budget", one)}
        if held is None:
            sent = {key: value for key, value in fields.items() if value != UNSAID.get(key, ...)}
            sent.setdefault("limit_usd", None)
            yield Change(
                owner, f"set_{whose}budget", {"budget_id": name, **sent}, subject, {}, sent
            )
        elif new := differing(held, fields):
            before = {key: held.get(key) for key in new}
            sent = {"budget_id": name, **new}
            yield Change(owner, f"update_{whose}budget", sent, subject, before, new)
    for name in sorted(present.keys() - wanted.keys()):
        subject, before = f"budget {name}", _said(present[name])
        yield Change(owner, f"delete_{whose}budget", {"budget_id": name}, subject, before, {})


def _aliases(
    owner: str | None,
    present: Mapping[str, Mapping[str, Any]],
    wanted: Mapping[str, Mapping[str, Any]],
) -> Iterator[Change]:
    held = {name.casefold(): one for name, one in present.items()}
    for name, one in wanted.items():
        before = held.get(normal("", name).casefold(), {})
        aim = {"model": one.get("model"), "provider": one.get("provider")}
        if differing(before, aim):
            fields = {"alias": name, **aim}
            yield Change(owner, "set_alias", fields, f"alias {name}", _said(before), _said(aim))
    kept = {normal("", name).casefold() for name in wanted}
    for name, one in present.items():
        if name.casefold() not in kept:
            yield Change(owner, "delete_alias", {"alias": name}, f"alias {name}", _said(one), {})


def _prices(
    owner: str | None, present: OwnRules, wanted: Mapping[Any, Line], now: datetime
) -> Iterator[Change]:
    whose = "" if owner else "system_"
    for line in dict.fromkeys([*wanted, *present.prices]):
        for step in steps_between(present.prices.get(line), wanted.get(line), now):
            yield _price(owner, whose, step)


def _price(owner: str | None, whose: str, step: PriceStep) -> Change:
    line = step.line
    named = {"model": line.model, "provider": line.provider}
    since = {} if step.since is None else {"from": step.since.isoformat()}
    operation = f"delete_{whose}price" if step.rates is None else f"set_{whose}price"
    fields = {**named, **since, **(step.rates or {})}
    words = " ".join([f"price {line.model}", *([f"of {line.provider}"] if line.provider else [])])
    subject = words + (f" from {since['from']}" if since else "")
    return Change(owner, operation, fields, subject, step.before or {}, step.rates or {})


def _sendable(operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, without null where the operation reads it as left out; no rungs are null."""
    nullable = ROUTES[operation].nullable
    given = {name: None if one == [] and name in nullable else one for name, one in fields.items()}
    return {name: one for name, one in given.items() if one is not None or name in nullable}


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with a value, for people to read."""
    empty: Sequence[Any] = (None, [], {})
    return {name: one for name, one in fields.items() if one not in empty}
