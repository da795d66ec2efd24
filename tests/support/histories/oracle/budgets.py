"""The oracle's custom budgets: for whom they are, and the account that each of them watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.support.histories.ledger_audit import document
from tests.support.histories.oracle.facts import Whose
from tests.support.histories.oracle.months import SHORT, Place

SYSTEM = "*"
MARK = "%23"
"""Stands between the parts of a budget's name in an account's."""


@dataclass(frozen=True)
class Budget:
    """A limit of a tenant, or of the whole system, for everybody or for one name."""

    owner: str
    name: str
    scope: str
    scope_id: str | None
    period: str
    limit: Decimal
    unit: str = "usd"

    def is_for(self, whose: Whose) -> bool:
        names = {"agent": whose.called, "model": whose.model}
        mine = self.owner in {SYSTEM, whose.tenant}
        return mine and (self.scope not in names or names[self.scope] == self.scope_id)

    def account(self, where: Place) -> str | None:
        """The account that counts what is booked there; what comes late fills no hour or day."""
        if where.late and self.period in SHORT:
            return None
        period = where.period(self.period)
        named = MARK.join((self.name, self.scope, self.scope_id or ""))
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
        name = MARK.join(name.split(MARK)[:3])
    return "#".join((owner, scope, name, *rest))


def limit_of(said: Mapping[str, Any]) -> tuple[Decimal, str]:
    """The one limit that a budget of a history has, and its unit."""
    named = {"limit_usd": "usd", "limit_tokens": "tokens", "limit_calls": "calls"}
    field = next(one for one in named if said.get(one) is not None)
    return Decimal(said[field]), named[field]


def decided(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[tuple[str, str], Budget]:
    """The budgets as they are stored, by their owner and name."""
    found = {}
    for row in rows["BudgetsTable"]:
        owner, kind, *_ = row["pk"]["S"].split("#")
        if kind == "rules":
            for name, said in document(row, "body")["budgets"].items():
                whose = (said["scope"], said["scope_id"], said["period"])
                found[owner, name] = Budget(owner, name, *whose, *limit_of(said))
    return found
