"""A small oracle of limits: the budgets set so far, and the expected decision.

It has no accounts: it takes their amounts from the answer, which the ledger audit checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

SYSTEM = "system"
PLACES: dict[str, tuple[str, str | None, str]] = {
    "execution": ("execution", None, "run"),
    "workflow": ("workflow", None, "run"),
    "tenant-month": ("tenant", None, "month"),
    "system-month": ("system", None, "month"),
    "day": ("tenant", None, "day"),
    "models": ("model", "gpt-4o", "hour"),
    "planners": ("agent", "planner", "run"),
    "users": ("user", "ann", "week"),
    "all": ("system", None, "day"),
    "each": ("tenant", None, "hour"),
}
OF_SYSTEM = ("system-month", "all", "each", "tenant-month", "execution", "users")
OF_TENANTS = ("execution", "tenant-month", "day", "models", "planners", "users", "each")
PERIODS = {"month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H", "week": "%G-W%V", "run": ""}


@dataclass(frozen=True)
class Raised:
    """A raise of a limit: for one period of a kind, or until an instant."""

    amount: Decimal
    kind: str
    period: str
    until: datetime | None

    def applies(self, now: datetime) -> bool:
        return now < self.until if self.until else now.strftime(PERIODS[self.kind]) == self.period


@dataclass(frozen=True)
class Rule:
    """A budget: its limit and enforcement."""

    limit: Decimal | None
    kind: str = "block enforce"
    raises: tuple[Raised, ...] = ()

    def at(self, now: datetime) -> Decimal | None:
        if self.limit is None:
            return None
        return self.limit + sum((one.amount for one in self.raises if one.applies(now)), Decimal())


@dataclass
class RulesSnapshot:
    """All budgets and raises of the system and of tenants."""

    defaults: dict[str, Rule]
    set_by: dict[str, dict[str, Rule]] = field(default_factory=dict)
    lifted: dict[str, dict[str, tuple[Raised, ...]]] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)

    def put(self, owner: str, budget_id: str, rule: Rule) -> None:
        self.set_by.setdefault(owner, {})[budget_id] = rule
        self.lifted.get(owner, {}).pop(budget_id, None)

    def delete(self, owner: str, budget_id: str) -> bool:
        self.lifted.get(owner, {}).pop(budget_id, None) if self.has(owner, budget_id) else None
        return self.set_by.get(owner, {}).pop(budget_id, None) is not None

    def has(self, owner: str, budget_id: str) -> bool:
        return budget_id in self.set_by.get(owner, {})

    def lift(self, owner: str, budget_id: str, raised: Raised) -> None:
        own = self.set_by.get(owner, {})
        if budget_id in own:
            rule = own[budget_id]
            own[budget_id] = Rule(rule.limit, rule.kind, (*rule.raises, raised))
        else:
            lifted = self.lifted.setdefault(owner, {})
            lifted[budget_id] = (*lifted.get(budget_id, ()), raised)

    def rules(self, owner: str) -> dict[str, Rule]:
        """Return every budget that applies to the owner, with its raises."""
        system = self._lifted(SYSTEM, {**self.defaults, **self.set_by.get(SYSTEM, {})})
        if owner == SYSTEM:
            return system
        return self._lifted(owner, {**system, **self.set_by.get(owner, {})})

    def _lifted(self, owner: str, rules: dict[str, Rule]) -> dict[str, Rule]:
        more = self.lifted.get(owner, {})
        return {
            name: Rule(rule.limit, rule.kind, (*rule.raises, *more.get(name, ())))
            for name, rule in rules.items()
        }

    def gates(self, tenant: str, labels: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Return the limit and enforcement of each gate of a request."""
        rules = self.rules(tenant)
        named = rules.get("planners")
        displaced = {"execution"} if named and labels["agent"] == "planner" else set()
        displaced = displaced if named and named.kind == "block enforce" else set()
        return {
            budget_id: (rule.at(now), rule.kind)
            for budget_id, rule in rules.items()
            if budget_id not in displaced and _names(budget_id, labels)
        }


def _names(budget_id: str, labels: dict[str, Any]) -> bool:
    scope, name, _ = PLACES[budget_id]
    if scope == "workflow":
        return "workflow_execution_id" in labels
    return name is None or labels.get(scope) == name


def judged(shown: Iterable[dict[str, Any]]) -> list[str]:
    """Return the gates that cannot take the amount."""
    return [
        one["budget_id"]
        for one in shown
        if one["limit_usd"] is not None
        and Decimal(one["projected_usd"]) > Decimal(one["limit_usd"])
        and (one["action"], one["enforcement"]) == ("block", "enforce")
    ]
