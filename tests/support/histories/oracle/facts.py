"""The oracle's holds and entries in plain fields, and the accounts that they move."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.support.histories.oracle.months import Place

Line = tuple[str, ...]  # an execution's workflow ("" for none), then its ancestors, nearest first
Request = dict[str, Any]
COUNTS = ("tokens", "input_tokens", "output_tokens")
Names = tuple[tuple[str, str], ...]  # the scope and the name of each, in order


class RefusedError(Exception):
    """An error answer to a request; the message is its code."""


def names_of(fields: Request, before: Names = ()) -> Names:
    """Return what a request says of provider, tags, user and workflow name, over what was said."""
    said = {
        "provider": [fields["provider"]] if "provider" in fields else [],
        "tag": fields.get("tags", []),
        "user": [fields["user"]] if "user" in fields else [],
        "workflow_name": [fields["workflow"]] if "workflow" in fields else [],
    }
    new = [(scope, name) for scope, every in said.items() for name in every]
    return tuple(sorted([*new, *(one for one in before if not said[one[0]])]))


@dataclass(frozen=True)
class Whose:
    """Labels with the resolved workflow and ancestors of the execution."""

    tenant: str
    execution: str | None
    workflow: str
    ancestors: Line
    agent: str
    model: str
    names: Names = ()
    called: str = ""
    """The first name of the execution: the one that budgets know it by."""

    @property
    def line(self) -> Line:
        return (self.workflow, *self.ancestors)

    @property
    def gates(self) -> list[tuple[str, str]]:
        """Return the runs that have a gate, narrowest first."""
        runs = [("execution", one) for one in (self.execution, *self.ancestors) if one]
        return runs + ([("workflow", self.workflow)] if self.workflow else [])

    @property
    def runs(self) -> list[str]:
        return [f"{self.tenant}#{scope}#{name}#run" for scope, name in self.gates]

    def touched(self, where: Place) -> list[str]:
        """Return the accounts that a cost always moves, with any budgets."""
        tenant = self.tenant
        more = [
            f"{tenant}#tenant#{tenant}#{where.month}",
            f"*#system#system#{where.month}",
            f"{tenant}#agent#{self.agent}#{where.month}",
            f"{tenant}#tenant#{tenant}#{where.day}",
        ]
        more.append(f"{tenant}#model#{self.model}#{where.month}")
        if where.late:
            more.append(f"{tenant}#late#{tenant}#{where.month}")
        if where.happened_on:
            more.append(f"{tenant}#occurred#{tenant}#{where.happened_on}")
        return [*self.runs, *more, *self._named(where)]

    def _named(self, where: Place) -> list[str]:
        """Return the accounts of its names, and the one that counts which labels it has."""
        if not self.names:
            return []
        labels = " ".join(sorted({scope for scope, _ in self.names}))
        pairs = (*self.names, ("labelled", labels))
        return [f"{self.tenant}#{scope}#{name}#{where.month}" for scope, name in pairs]


@dataclass
class Hold:
    """A reservation."""

    whose: Whose
    amounts: dict[str, Decimal]
    """What it keeps, by unit."""
    place: Place
    created_at: datetime
    expires_at: datetime
    request: Request
    machine: str | None
    accounts: list[str]
    """Accounts on which its money is held until it ends."""
    drawn: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What draws have cost, by unit."""
    state: str = "open"
    entry: str | None = None
    draws: int = 0
    settles_itself: bool = False
    """Whether its estimate is booked if nobody ends it."""
    has_usage: bool = False
    """Whether its estimate says tokens and calls."""

    @property
    def left(self) -> dict[str, Decimal]:
        """What its draws left of it, by unit."""
        return {unit: max(one - self.drawn[unit], Decimal()) for unit, one in self.amounts.items()}

    @property
    def estimate_left(self) -> Request:
        """What is booked where the true cost is not known."""
        left = self.left
        if not self.has_usage:
            return {"cost_usd": left["usd"]}
        usage = {unit: int(left[unit]) for unit in ("input_tokens", "output_tokens", "calls")}
        return {"cost_usd": left["usd"], "tokens": int(left["tokens"]), "usage": usage}

    def in_time(self, now: datetime) -> bool:
        """Whether a cost takes the place of the money that it holds."""
        return self.state == "open" and (self.settles_itself or now < self.expires_at)

    def state_at(self, now: datetime) -> str:
        over = "settled" if self.settles_itself else "expired"
        return over if self.state == "open" and now >= self.expires_at else self.state


@dataclass(frozen=True)
class Fact:
    """A cost or an adjustment in the ledger."""

    whose: Whose
    amount: Decimal
    place: Place
    occurred_at: datetime
    request: Request
    moved: tuple[str, ...]
    flags: tuple[str, ...] = ()
    counts: dict[str, Decimal] = field(default_factory=dict)
    """Its tokens, by kind."""
    adjusts: str | None = None


def differs(stored: Request, again: Request) -> bool:
    """True if the second request has other content than the first."""
    return any(stored.get(name) != value for name, value in again.items())


def canonical(fields: dict[str, Any], *left_out: str, **more: str) -> Request:
    """Return the content compared for a repeated id: amounts as numbers, no generated ids."""
    ignored = {"operation", "tenant_id", "include_gates", *left_out}
    said = {name: value for name, value in fields.items() if name not in ignored}
    return {n: Decimal(v) if n.endswith("_usd") else v for n, v in said.items()} | more
