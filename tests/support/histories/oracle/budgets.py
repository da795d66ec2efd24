"""The oracle's custom budgets: their owners, and the account of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.support.histories.ledger_audit import document
from tests.support.histories.oracle.facts import Whose
from tests.support.histories.oracle.months import SHORT, Place

SYSTEM = "*"
TENANT_MONTH = "tenant-month"
Carry = tuple[str, str, str, str]  # owner, budget, month, and whether it is "first" or "final"
MARK = "%23"
"""Stands between the parts of a budget's name in an account's."""


@dataclass(frozen=True)
class Grant:
    """A prepaid amount; at one moment the first in `rank` is spent first."""

    name: str
    amount: Decimal
    at: datetime
    expires_at: datetime | None = None
    priority: int = 0

    def is_live(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at

    @property
    def rank(self) -> tuple[datetime, int, datetime, str]:
        never = datetime.max.replace(tzinfo=UTC)
        return self.expires_at or never, self.priority, self.at, self.name


@dataclass(frozen=True)
class Budget:
    """A limit of a tenant, or of the whole system: for everybody, one name, or each (`*`)."""

    owner: str
    name: str
    scope: str
    scope_id: str | None
    period: str
    limit: Decimal
    unit: str = "usd"
    rollover: Decimal | None = None
    """The most that a month carries into the next."""
    since: str | None = None
    """The first month that carries."""
    grants: tuple[Grant, ...] = ()

    def name_in(self, whose: Whose) -> str:
        """What the request is called in this budget's scope; nothing where it has no names."""
        return {"agent": whose.called, "model": whose.model}.get(self.scope, "")

    def is_for(self, whose: Whose, others: Collection[Budget]) -> bool:
        """One for a name takes the place of one for each, where both have the same period."""
        if self.owner not in {SYSTEM, whose.tenant}:
            return False
        name = self.name_in(whose)
        if self.scope_id != "*":
            return self.scope not in {"agent", "model"} or name == self.scope_id
        mine = {one.scope_id for one in others if self._is_beside(one)}
        return bool(name) and name not in mine

    def _is_beside(self, other: Budget) -> bool:
        return (other.owner, other.scope, other.period) == (self.owner, self.scope, self.period)

    def account(self, where: Place, whose: Whose) -> str | None:
        """The account that counts what is booked there; what comes late fills no hour or day."""
        if where.late and self.period in SHORT:
            return None
        return self.account_of(where.period(self.period), whose)

    def account_of(self, period: str, whose: Whose | None = None) -> str:
        """The account of a period; `whose` names it where each name has its own."""
        each = [self.name_in(whose)] if whose and self.scope_id == "*" else []
        named = MARK.join((self.name, self.scope, self.scope_id or "", *each))
        if self.unit != "usd":
            return f"{self.owner}#budget#{named}#{period}#{self.unit}"
        if self.period == "month" and self.scope == "tenant":
            return f"{self.owner}#tenant#{self.owner}#{period}"
        if self.period == "month" and self.scope == "system":
            return f"{SYSTEM}#system#system#{period}"
        return f"{self.owner}#budget#{named}#{period}"


def plain(account: str) -> str:
    """The account's name without what tells a budget's lives apart: no history has two of one."""
    owner, scope, name, *rest = account.split("#")
    if scope == "budget":
        rule, more = name.split(MARK)[:3], name.split(MARK)[3:]
        name = MARK.join((*rule, *(more[-1:] if rule[2] == "*" else ())))
    return "#".join((owner, scope, name, *rest))


def limit_of(said: Mapping[str, Any]) -> tuple[Decimal, str]:
    """The one limit that a budget of a history has, and its unit."""
    named = {"limit_usd": "usd", "limit_tokens": "tokens", "limit_calls": "calls"}
    field = next(one for one in named if said.get(one) is not None)
    return Decimal(said[field]), named[field]


def decided(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[tuple[str, str], Budget]:
    """Return the stored budgets by owner and name."""
    found = {}
    for row in rows["BudgetsTable"]:
        owner, kind, *_ = row["pk"]["S"].split("#")
        if kind == "rules":
            for name, said in document(row, "body")["budgets"].items():
                whose = (said["scope"], said["scope_id"], said["period"])
                found[owner, name] = Budget(
                    owner, name, *whose, *limit_of(said), *rollover_of(said), grants_of(said)
                )
    return found


def rollover_of(said: Mapping[str, Any]) -> tuple[Decimal | None, str | None]:
    """The most that a stored budget carries into the next month, and since when."""
    rule = said.get("rollover")
    return (Decimal(rule["most_usd"]), rule["since"]) if rule else (None, None)


def grants_of(said: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The grants of a stored budget, in the order in which they were added."""
    return tuple(
        Grant(
            one["grant_id"],
            Decimal(one["amount_usd"]),
            datetime.fromisoformat(one["at"]),
            datetime.fromisoformat(one["expires_at"]) if one["expires_at"] else None,
            one["priority"],
        )
        for one in said.get("balance", {}).get("grants", ())
    )


def carried(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[Carry, Decimal]:
    """What months got from those before them, as it was written down."""
    found = {}
    for row in rows["BudgetsTable"]:
        owner, kind, *rest = row["pk"]["S"].split("#")
        said = document(row, "body") if kind == "balance" else {}
        if "carried_usd" in said:
            name, _, what = "#".join(rest).split(MARK)
            month, _, state = what.rpartition("-")
            found[owner, name, month, state] = Decimal(said["carried_usd"])
    return found
