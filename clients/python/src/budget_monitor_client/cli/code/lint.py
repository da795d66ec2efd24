"""Find limits that cannot have their expected effect, without a request to the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_monitor_client.cli.code.file import Wanted
from budget_monitor_client.cli.code.values import normal

DEFAULTS: dict[str, dict[str, str]] = {
    "execution": {"scope": "execution", "period": "run"},
    "workflow": {"scope": "workflow", "period": "run"},
    "tenant-month": {"scope": "tenant", "period": "month"},
    "system-month": {"scope": "system", "period": "month"},
}
"""The built-in budgets: their scope and period."""
_PARENTS = {
    "execution": ("workflow", "tenant", "system"),
    "workflow": ("tenant", "system"),
    "agent": ("tenant", "system"),
    "model": ("tenant", "system"),
    "user": ("tenant", "system"),
    "tag": ("tenant", "system"),
    "provider": ("tenant", "system"),
    "tenant": ("system",),
    "system": (),
}
_PERIODS = ("minute", "hour", "day", "week", "month", "quarter", "year", "total")
"""Each period is within those after it; a run may last longer than all but `total`."""
_UNITS = ("limit_usd", "limit_tokens", "limit_calls")


@dataclass(frozen=True)
class Finding:
    """A probable mistake."""

    path: str
    rule: str
    words: str


@dataclass(frozen=True)
class _Limit:
    """A limit in one unit."""

    path: str
    owner: str | None
    scope: str
    scope_id: str | None
    period: str
    unit: str
    amount: Decimal
    refuses: bool

    def contains(self, other: _Limit) -> bool:
        """True if what counts towards the other limit counts towards this one, too."""
        if self.unit != other.unit or self is other:
            return False
        if self.scope == other.scope:
            same_names = self.scope_id == other.scope_id and self.owner == other.owner
            return same_names and self.period != other.period and _within(other, self)
        is_parent = self.scope in _PARENTS.get(other.scope, ())
        same_owner = self.scope == "system" or self.owner == other.owner
        return is_parent and self.scope_id is None and same_owner and _within(other, self)


def lint(wanted: Wanted) -> list[Finding]:
    """Return the probable mistakes, in the order of the file."""
    limits = list(_limits(wanted))
    found = [one for limit in limits if (one := _unreached(limit, limits))]
    return [*found, *_silent(wanted), *_of_authorities(wanted)]


def _unreached(limit: _Limit, limits: list[_Limit]) -> Finding | None:
    """The finding for a limit above one that refuses before it; None if there is none."""
    above = [one for one in limits if one.refuses and one.contains(limit)]
    above = [one for one in above if one.amount < limit.amount]
    if not above:
        return None
    least = min(above, key=lambda one: one.amount)
    rule = "never-reached" if least.scope == limit.scope else "child-above-parent"
    shown = f"{limit.unit} {limit.amount:f} is above the {least.amount:f} of {least.path}"
    return Finding(limit.path, rule, f"{shown}, which refuses first")


def _silent(wanted: Wanted) -> Iterator[Finding]:
    """A budget that only alerts, at no threshold, does nothing."""
    for owner, rules in wanted.owners():
        for name, one in (rules.budgets or {}).items():
            if one.get("action") == "alert" and one.get("thresholds") == []:
                words = "action alert without thresholds: it sends no alert"
                yield Finding(_path(owner, name), "never-told", words)


def _of_authorities(wanted: Wanted) -> Iterator[Finding]:
    """Four eyes above what anybody may approve, and an escalation after the time-out."""
    for owner, rules in wanted.owners():
        said, path = normal("", rules.authority or {}), f"{_owner(owner)}.authority"
        above = said.get("four_eyes_above_usd")
        most = [one.get("up_to_usd") for one in said.get("approvers") or ()]
        amounts = [one for one in most if isinstance(one, Decimal)]
        is_limited = bool(amounts) and len(amounts) == len(most)
        if isinstance(above, Decimal) and is_limited and above >= max(amounts):
            words = f"nobody may approve more than {max(amounts):f}, so it asks for no second"
            yield Finding(f"{path}.four_eyes_above_usd", "never-reached", words)
        late, out = (_seconds(said.get(name)) for name in ("escalation", "time_out"))
        if late is not None and out is not None and late >= out:
            words = f"{late} seconds are not before the {out} of time_out: it alerts nobody"
            yield Finding(f"{path}.escalation.after_seconds", "never-told", words)


def _seconds(rule: object) -> int | None:
    found = rule.get("after_seconds") if isinstance(rule, Mapping) else None
    return found if isinstance(found, int) else None


def _limits(wanted: Wanted) -> Iterator[_Limit]:
    for owner, rules in wanted.owners():
        for name, one in (rules.budgets or {}).items():
            yield from _of(owner, name, one)
    for tenant, rules in wanted.tenants.items():
        yield from _inherited(wanted, tenant, rules.budgets or {})


def _inherited(wanted: Wanted, tenant: str, own: Mapping[str, Any]) -> Iterator[_Limit]:
    """The system's defaults for a tenant that does not override them."""
    system = (wanted.system and wanted.system.budgets) or {}
    for name, one in system.items():
        scope = one.get("scope") or DEFAULTS.get(name, {}).get("scope")
        if name not in own and scope != "system":
            yield from _of(tenant, name, one, inherited=True)


def _of(
    owner: str | None, name: str, one: Mapping[str, Any], *, inherited: bool = False
) -> Iterator[_Limit]:
    said = {**DEFAULTS.get(name, {}), **{key: v for key, v in one.items() if v is not None}}
    refuses = said.get("action") != "alert" and said.get("enforcement") != "shadow"
    for unit in _UNITS:
        amount = normal("limit_usd", said.get(unit)) if unit in said else None
        if isinstance(amount, Decimal) and {"scope", "period"} <= said.keys():
            yield _Limit(
                _path(None if inherited else owner, name),
                owner,
                said["scope"],
                said.get("scope_id"),
                said["period"],
                unit,
                amount,
                refuses,
            )


def _within(inner: _Limit, outer: _Limit) -> bool:
    """True if the period of the inner limit lies within the outer one's."""
    if inner.period == outer.period:
        return True
    if "run" in {inner.period, outer.period}:
        return inner.period == "run"
    order = {name: place for place, name in enumerate(_PERIODS)}
    return order.get(inner.period, 0) < order.get(outer.period, 0)


def _path(owner: str | None, name: str) -> str:
    return f"{_owner(owner)}.budgets.{name}"


def _owner(owner: str | None) -> str:
    return f"tenants.{owner}" if owner else "system"
