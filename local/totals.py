"""Totals of some tenants and of the system, read through the API over all their months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.api import Api
from local.trace import Call, total

DECEMBER = 12
BREAKDOWNS = ("agents", "models", "days")


@dataclass(frozen=True)
class Sums:
    """Money, tokens and entries."""

    spent_usd: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0
    entries: int = 0

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(
            self.spent_usd + other.spent_usd,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.entries + other.entries,
        )

    def __sub__(self, other: Sums) -> Sums:
        """One without the other."""
        return Sums(
            self.spent_usd - other.spent_usd,
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
            self.entries - other.entries,
        )

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Sums:
        """The sums in a status or in one line of a breakdown."""
        counts = (int(answer[name]) for name in ("input_tokens", "output_tokens", "entries"))
        return cls(Decimal(answer["spent_usd"]), *counts)

    @classmethod
    def of_calls(cls, calls: Iterable[Call]) -> Sums:
        """What these calls must add up to."""
        sums = total(calls)
        return cls(sums.cost_usd, sums.input_tokens, sums.output_tokens, sums.calls)


Named = dict[str, Sums]


@dataclass(frozen=True)
class Totals:
    """Totals as the API reports them: by tenant, by breakdown, and for the system.

    `others` is what all other tenants spent; `system` leaves it out.
    """

    tenants: Named
    breakdowns: dict[str, Named]
    system: Sums
    others: Sums


def add(items: Iterable[Sums]) -> Sums:
    """The sum of sums."""
    return sum(items, Sums())


def tenant_sums(api: Api, tenant: str) -> Sums:
    """A tenant's totals since its first cost."""
    return add(
        Sums.of(api.get(f"/tenants/{tenant}/usage", month=month)) for month in months(api, [tenant])
    )


def this_month() -> str:
    """The present month, as the system names it."""
    return datetime.now(UTC).strftime("%Y-%m")


def months(api: Api, tenants: Sequence[str]) -> list[str]:
    """Every month from the tenants' first cost to now."""
    now = this_month()
    first = [api.get(f"/tenants/{tenant}/costs", limit="1")["items"] for tenant in tenants]
    oldest = min((items[0]["month"] for items in first if items), default=now)
    year, month = map(int, oldest.split("-"))
    found = [oldest]
    while found[-1] < now:
        year, month = (year, month + 1) if month < DECEMBER else (year + 1, 1)
        found.append(f"{year:04d}-{month:02d}")
    return found


def read(api: Api, tenants: Sequence[str]) -> Totals:
    """The totals of these tenants as of now."""
    span = months(api, tenants)
    sums = {tenant: Sums() for tenant in tenants}
    broken: dict[str, Named] = {kind: {} for kind in BREAKDOWNS}
    system, others = Sums(), Sums()
    for month in span:
        for tenant in tenants:
            sums[tenant] += Sums.of(api.get(f"/tenants/{tenant}/usage", month=month))
            for kind in BREAKDOWNS:
                items = api.get(f"/tenants/{tenant}/usage/{kind}", month=month)["items"]
                for item in items:
                    name = item["name"] or "(none)"
                    broken[kind][name] = broken[kind].get(name, Sums()) + Sums.of(item)
        whole, foreign = _system(api, month, tenants)
        system, others = system + whole, others + foreign
    return Totals(sums, broken, system - others, others)


def _system(api: Api, month: str, tenants: Sequence[str]) -> tuple[Sums, Sums]:
    """The system's month, and the part of it that other tenants spent."""
    answer = page = api.get("/system/usage", month=month, limit="1000")
    found = list(page["tenants"])
    while page["cursor"]:
        page = api.get("/system/usage", month=month, limit="1000", cursor=page["cursor"])
        found += page["tenants"]
    others = [Sums.of(item) for item in found if item["tenant_id"] not in tenants]
    return Sums.of(answer), add(others)


def differences(totals: Totals, calls: Sequence[Call]) -> list[str]:
    """One line for each total that differs from the trace; empty if all are equal."""
    whole = Sums.of_calls(calls)
    expected = {
        "system": whole,
        **{f"all {kind}": whole for kind in BREAKDOWNS},
        **{f"tenant {name}": sums for name, sums in _by(calls, "tenant").items()},
        **{f"agent {name}": sums for name, sums in _by(calls, "agent").items()},
    }
    found = {
        "system": totals.system,
        **{f"all {kind}": add(named.values()) for kind, named in totals.breakdowns.items()},
        **{f"tenant {name}": sums for name, sums in totals.tenants.items()},
        **{f"agent {name}": sums for name, sums in totals.breakdowns["agents"].items()},
    }
    return [
        f"{name}: the trace has {expected.get(name, Sums())}, the API says {found.get(name)}"
        for name in sorted(expected.keys() | found.keys())
        if found.get(name, Sums()) != expected.get(name, Sums())
    ]


def _by(calls: Sequence[Call], what: str) -> Named:
    sums: dict[str, list[Call]] = {}
    for call in calls:
        name = call.tenant if what == "tenant" else call.labels[what]
        sums.setdefault(name, []).append(call)
    return {name: Sums.of_calls(own) for name, own in sums.items()}
