"""The oracle's custom budgets: their owners, and the account of each."""

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
    """A limit of a tenant or of the system, for all names or for one."""

    owner: str
    name: str
    scope: str
    scope_id: str | None
    period: str
    limit: Decimal

    def is_for(self, whose: Whose) -> bool:
        names = {"agent": whose.agent, "model": whose.model}
        mine = self.owner in {SYSTEM, whose.tenant}
        return mine and (self.scope not in names or names[self.scope] == self.scope_id)

    def account(self, where: Place) -> str | None:
        """The account that counts what is booked there; what comes late fills no hour or day."""
        if where.late and self.period in SHORT:
            return None
        period = where.period(self.period)
        if self.period == "month" and self.scope == "tenant":
            return f"{self.owner}#tenant#{self.owner}#{period}"
        if self.period == "month" and self.scope == "system":
            return f"{SYSTEM}#system#system#{period}"
        named = MARK.join((self.name, self.scope, self.scope_id or ""))
        return f"{self.owner}#budget#{named}#{period}"


def plain(account: str) -> str:
    """The account's name without what tells a budget's lives apart: no history has two of one."""
    owner, scope, name, period = account.split("#")
    if scope == "budget":
        name = MARK.join(name.split(MARK)[:3])
    return f"{owner}#{scope}#{name}#{period}"


def decided(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[tuple[str, str], Budget]:
    """Return the stored budgets by owner and name."""
    found = {}
    for row in rows["BudgetsTable"]:
        owner, kind, *_ = row["pk"]["S"].split("#")
        if kind == "rules":
            for name, said in document(row, "body")["budgets"].items():
                limit = Decimal(said["limit_usd"])
                whose = (said["scope"], said["scope_id"], said["period"])
                found[owner, name] = Budget(owner, name, *whose, limit)
    return found
