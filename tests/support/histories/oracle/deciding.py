"""The oracle's decisions of people about budgets: limits, grants and rollovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.support.histories.oracle.balances import Name
from tests.support.histories.oracle.budgets import SYSTEM, TENANT_MONTH, Budget, Grant, limit_of
from tests.support.histories.oracle.facts import RefusedError, Request, canonical, differs
from tests.support.histories.oracle.gates import Expected, Fields, Gates, Limits


class Deciding(Gates):
    """Budgets as people set them, and what they read of them."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.granted: dict[Name, Request] = {}
        """What each grant was asked with."""

    def _set_budget(self, fields: Fields, now: datetime) -> Expected:
        owner, name = fields.get("tenant_id", SYSTEM), fields["budget_id"]
        whose = (fields["scope"], fields.get("scope_id"), fields["period"])
        made = Budget(owner, name, *whose, *limit_of(fields))
        known = self.budgets.get((owner, name))
        if known and (known.scope, known.scope_id, known.period) == whose:
            made = replace(made, grants=known.grants, since=known.since)
        self.budgets[owner, name] = _carrying(made, fields, now)
        return {"limit_usd": self._shown_limit(owner, name, fields)}

    def _update_budget(self, fields: Fields, now: datetime) -> Expected:
        owner, name = fields["tenant_id"], fields["budget_id"]
        known = self._budget(fields)
        said = {"limit_usd": known.limit, "rollover_usd": known.rollover, **fields}
        made = _carrying(replace(known, limit=Decimal(said["limit_usd"])), said, now)
        self.budgets[owner, name] = made
        return {"limit_usd": self._shown_limit(owner, name, said)}

    def _shown_limit(self, owner: str, name: str, fields: Fields) -> Decimal | None:
        """The limit with what grants and rollover add to it now."""
        if fields.get("limit_usd") is None:
            return None
        budget = self.budgets[owner, name]
        return self.limit_of(budget, _period_now(budget, self.now), self.now)

    def _delete_budget(self, fields: Fields, _: datetime) -> Expected:
        if self.budgets.pop((fields.get("tenant_id", SYSTEM), fields["budget_id"]), None) is None:
            raise RefusedError("NOT_FOUND")
        return {}

    _set_system_budget, _delete_system_budget = _set_budget, _delete_budget

    def _add_grant(self, fields: Fields, now: datetime) -> Expected:
        named = (fields["tenant_id"], fields["grant_id"])
        request = canonical(fields, "grant_id")
        if named in self.granted:
            if differs(self.granted[named], request):
                raise RefusedError("IDEMPOTENCY_MISMATCH")
            return {"replayed": True}
        budget, until = self._budget(fields), fields.get("expires_at")
        expires_at = datetime.fromisoformat(until) if until else None
        if expires_at and expires_at <= now:
            raise RefusedError("VALIDATION_ERROR")
        grant = Grant(
            fields["grant_id"],
            Decimal(fields["amount_usd"]),
            now,
            expires_at,
            fields.get("priority", 0),
        )
        grown = replace(budget, grants=(*budget.grants, grant))
        self.budgets[budget.owner, budget.name] = grown
        self.granted[named] = request
        return {"replayed": False, **self._seen(grown)}

    def _get_budget(self, fields: Fields, _: datetime) -> Expected:
        return self._seen(self._budget(fields))

    def _budget(self, fields: Fields) -> Budget:
        owner, name = fields["tenant_id"], fields["budget_id"]
        found = self.budgets.get((owner, name))
        if found is None and name == TENANT_MONTH:  # that of all tenants, where it has none
            return Budget(owner, name, "tenant", None, "month", self.limits["tenant"] or Decimal())
        if found is None:
            raise RefusedError("NOT_FOUND")
        return found

    def _seen(self, budget: Budget) -> Expected:
        """What people read of a budget: its limit now, what is spent and held, and the grants."""
        period = _period_now(budget, self.now)
        limit = self.limit_of(budget, period, self.now)
        totals, used = (
            self.accounts[budget.account_of(period)],
            self.used[budget.owner, budget.name],
        )
        left = {
            one.name: one.amount - used[one.name] if one.is_live(self.now) else Decimal()
            for one in budget.grants
        }
        return {
            "limit_usd": limit,
            "spent_usd": totals["spent"],
            "held_usd": totals["held"],
            "available_usd": limit - totals["committed"],
            "grants": [left[one.name] for one in sorted(budget.grants, key=_rank)],
        }


def _rank(grant: Grant) -> tuple[Any, ...]:
    return grant.rank


def _carrying(budget: Budget, said: Mapping[str, Any], now: datetime) -> Budget:
    """The budget with its rollover, which counts from the month in which it was first set."""
    most = said.get("rollover_usd")
    if most is None:
        return replace(budget, rollover=None, since=None)
    return replace(budget, rollover=Decimal(most), since=budget.since or f"{now:%Y-%m}")


def _period_now(budget: Budget, now: datetime) -> str:
    return {"total": "total"}.get(budget.period, f"{now:%Y-%m}")
