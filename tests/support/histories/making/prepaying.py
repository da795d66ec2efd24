"""Prepaid grants, rollovers, and holds that are settled at their estimate, in some histories.

None of these is a seed that parted before they came.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.support.histories.oracle.budgets import TENANT_MONTH
from tests.support.histories.oracle.months import GRACE, end_of_month

Fields = dict[str, Any]
Step = tuple[str, Fields, int]
EXPIRES_AFTER = (None, 1, 59, 600, 3600, 90_000, 34 * 86_400)
"""Seconds after which a grant expires."""
GRANTED, LIMITS, MOST = ("1", "2.5", "3", "7"), ("0", "2", "6", "12"), ("1", "2.5", "100")
OFTEN, ODD = 0.35, 0.1
SETTLED_AT_ESTIMATE, SETTLES_ITSELF = 0.3, 0.4


def with_prepaid(seed: int) -> bool:
    """True if people grant money and let months carry over in the history."""
    return seed % 11 in {1, 2, 5}


def with_estimates(seed: int) -> bool:
    """True if holds are settled at their estimates, by callers or by themselves."""
    return seed % 11 in {2, 7, 9}


def at_estimate(chance: random.Random, operation: str, fields: Fields) -> Fields:
    """The same request, or one that asks for the estimate; the same for the same id mostly."""
    if operation == "settle" and chance.random() < SETTLED_AT_ESTIMATE:
        kept = {"tenant_id", "reservation_id", "entry_id"}
        said = {name: one for name, one in fields.items() if name in kept}
        return {**said, "at_estimate": True}
    hold = fields.get("reservation_id", "")
    if operation == "reserve" and random.Random(hold).random() < SETTLES_ITSELF:  # noqa: S311
        return {**fields, "on_expiry": "settle_at_estimate"}
    return fields


@dataclass
class Prepaying:
    """People who open prepaid balances and rollovers, add grants, and look at what is left."""

    chance: random.Random
    tenants: Sequence[str]
    there: dict[tuple[str, str], Fields] = field(default_factory=dict)
    grants: dict[str, Fields] = field(default_factory=dict)
    made: int = 0

    def step(self, now: datetime) -> Step:
        """The next decision or look."""
        chance, tenant = self.chance, self.chance.choice(self.tenants)
        mine = sorted(name for owner, name in self.there if owner == tenant)
        what = chance.choice(("grant", "grant", "grant", "look", "look", "change", "delete", "new"))
        if not mine or (len(mine) < 2 and chance.random() < 0.5):
            what = "new"
        self.made += 1
        name = chance.choice(mine) if mine and what != "new" else self._new_name()
        fields = {"tenant_id": tenant, "budget_id": name}
        if what == "look":
            return "get_budget", fields, self._until_later(now)
        if what == "grant" and "period" in self.there[tenant, name]:
            what = "grant" if self.there[tenant, name]["period"] == "total" else "change"
        if what == "grant":
            return "add_grant", {**fields, **self._grant(tenant, name, now)}, 0
        return *getattr(self, f"_{what}")(fields), 0

    def _new_name(self) -> str:
        return TENANT_MONTH if self.chance.random() < 0.2 else f"p-{self.made}"

    def _who(self) -> Fields:
        who = {"by": "maria", "reason": "because"}
        return {**who, "idempotency_key": f"prepaying-{self.made}"}

    def _new(self, fields: Fields) -> tuple[str, Fields]:
        chance, name = self.chance, fields["budget_id"]
        scopes: list[Fields] = [{"scope": "tenant"}, {"scope": "agent", "scope_id": "writer"}]
        period = "month" if name == TENANT_MONTH else chance.choice(("total", "total", "month"))
        whose = scopes[0] if name == TENANT_MONTH else chance.choice(scopes)
        known = self.there.get((fields["tenant_id"], name), {**whose, "period": period})
        self.there[fields["tenant_id"], name] = known
        carries = {"rollover_usd": chance.choice(MOST)} if known["period"] == "month" else {}
        limit = {"limit_usd": chance.choice(LIMITS)}
        return "set_budget", {**fields, **known, **limit, **carries, **self._who()}

    def _change(self, fields: Fields) -> tuple[str, Fields]:
        chance = self.chance
        if chance.random() < 0.4:
            return self._new(fields)
        known = self.there[fields["tenant_id"], fields["budget_id"]]
        said: Fields = {"limit_usd": chance.choice(LIMITS)}
        if known["period"] == "month" and chance.random() < 0.5:
            said = {"rollover_usd": chance.choice(MOST)}
        return "update_budget", {**fields, **said, **self._who()}

    def _delete(self, fields: Fields) -> tuple[str, Fields]:
        """It is deleted now and then only, and never comes back under its name."""
        if self.chance.random() < 0.6 or fields["budget_id"] == TENANT_MONTH:
            return "get_budget", fields
        del self.there[fields["tenant_id"], fields["budget_id"]]
        return "delete_budget", {**fields, **self._who()}

    def _grant(self, tenant: str, name: str, now: datetime) -> Fields:
        chance, named = self.chance, f"grant-{self.chance.randrange(9)}"
        after = chance.choice(EXPIRES_AFTER)
        until = now + timedelta(seconds=after or 0)
        made: Fields = {"amount_usd": chance.choice(GRANTED), "budget_id": name}
        if after:
            made["expires_at"] = f"{until:%Y-%m-%dT%H:%M:%SZ}"
        if chance.random() < 0.5:
            made["priority"] = chance.randrange(3)
        usual = self.grants.setdefault(f"{tenant} {named}", made)
        said = made if chance.random() < ODD else usual
        return {**said, "grant_id": named, "by": "maria", "reason": "because"}

    def _until_later(self, now: datetime) -> int:
        """Sometimes people look only later: over the month's end, or when it takes no costs."""
        end = end_of_month(now)
        closed = end_of_month(now - GRACE) + GRACE
        moments = (now, now, now, now + timedelta(hours=2), end, closed, end + GRACE)
        later = max(self.chance.choice(moments) - now, timedelta())
        return int(later.total_seconds())
