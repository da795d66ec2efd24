"""Statements: the figures of a closed month. Numbered and immutable."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM, AccountKey, Move
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.periods import RUN, render_instant
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.limits import dump_counted

MAX_LINES, MAX_BYTES = 100, 40_000
"""Maximum of each breakdown in a statement, so that it fits into one item."""

Named = Sequence[tuple[str | None, Move]]
"""Parts of a total by name; None: costs without that label."""


@dataclass(frozen=True, slots=True)
class MonthTerms:
    """Limits in force at the last instant of a month."""

    ends_at: datetime
    """First instant after the month."""
    takes_costs_until: datetime
    """End of the grace period in which late costs are still booked in the month."""
    limit: Decimal | None
    budgets: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a month."""

    totals: Move
    late: Move
    """Part of the totals that comes from months closed before."""
    parts: Mapping[str, Named]
    """The totals by agent, model or tenant, by the names that the costs had."""
    shown: Mapping[str, Named] = field(default_factory=dict)
    """Breakdowns that are shown differently: names of the same model are one line."""
    spellings: Mapping[str | None, Sequence[str]] = field(default_factory=dict)
    """How the costs of each model were spelled."""

    @property
    def adds_up(self) -> bool:
        """True if every breakdown adds up to the totals, in money and in counts."""
        whole = _facts(self.totals)
        return all(
            _facts(sum((move for _, move in named), Move())) == whole
            for named in self.parts.values()
        )

    def dump(self) -> dict[str, Any]:
        """Return the figures as plain JSON, as a statement shows them."""
        return self._dump({**self.parts, **self.shown})

    def _dump(self, parts: Mapping[str, Named]) -> dict[str, Any]:
        totals = self.totals
        return {
            "spent_usd": render(totals.spent),
            "agent_cost_usd": render(totals.spent - totals.workflow_spent),
            "workflow_cost_usd": render(totals.workflow_spent),
            **_counts(totals),
            "late": _line(self.late),
            **{
                name: value
                for by, named in parts.items()
                for name, value in _lines(by, named, self.spellings if by in self.shown else None)
            },
        }

    @property
    def digest(self) -> str:
        """Hash of the settled figures. Holds are left out: they may still be settled or expire.

        So is what names of models mean: another alias or price list makes no other statement.
        """
        settled = replace(self, shown={}).dump()
        return sha256(json.dumps(settled, sort_keys=True).encode()).hexdigest()


def statement(
    account: AccountKey, number: int, figures: Figures, terms: MonthTerms, closed_at: datetime
) -> dict[str, Any]:
    """Return the statement of a month's account, as it is stored and shown."""
    limit, spent = terms.limit, figures.totals.spent
    over = ZERO if limit is None else max(spent - limit, ZERO)
    return {
        "tenant_id": None if account.tenant_id == SYSTEM else account.tenant_id,
        "scope": account.scope,
        "month": account.period,
        "number": number,
        "closed_at": render_instant(closed_at),
        "ends_at": render_instant(terms.ends_at),
        "takes_costs_until": render_instant(terms.takes_costs_until),
        "limit_usd": None if limit is None else render(limit),
        "overrun_usd": render(over),
        "held_usd": render(figures.totals.held),
        **figures.dump(),
        "budgets": list(terms.budgets),
    }


def in_force(budget: Budget, calendar: Calendar, at: datetime) -> dict[str, Any]:
    """Return a budget as plain JSON, with the limit and raises in force at that instant."""
    period = RUN if budget.period == RUN else calendar.name(budget.period, at)
    limit = budget.at(at, period).limit
    return {
        "budget_id": budget.budget_id,
        "scope": budget.scope,
        "scope_id": budget.scope_id,
        "period": budget.period,
        "limit_usd": None if limit is None else render(limit),
        **dump_counted(budget.counted),
        "action": budget.action,
        "enforcement": budget.enforcement,
        "source": budget.source,
        "raises": [
            {"raise_id": one.raise_id, "amount_usd": render(one.amount)}
            for one in budget.raises
            if one.applies(at, period)
        ],
    }


def undone(
    budgets: Iterable[Budget], changes: Iterable[Mapping[str, Any]], moment: datetime
) -> list[Budget]:
    """Return the budgets as they were at that instant, by undoing the later changes.

    `changes` are latest first. Earlier raises that a change does not contain, because they are in
    another rule set (the system's or the tenant's), are kept.
    """
    known = {one.budget_id: one for one in budgets}
    for change in changes:
        budget_id, before = change["budget_id"], change["before"]
        if budget_id is not None and before is None:
            known.pop(budget_id, None)
        elif budget_id is not None:
            then, now = Budget.load(budget_id, before["source"], before), known.get(budget_id)
            kept = [one for one in (now.raises if now else ()) if one.at < moment]
            others = tuple(one for one in kept if one not in then.raises)
            carried = now.carried if now else {}
            known[budget_id] = replace(then, raises=(*then.raises, *others), carried=carried)
    return list(known.values())


def statement_key(tenant_id: str, month: str) -> DocumentKey:
    """Key of the document whose version counts the statements of a month."""
    return DocumentKey(tenant_id, "statement", month)


def _lines(
    by: str, named: Named, spellings: Mapping[str | None, Sequence[str]] | None = None
) -> Iterable[tuple[str, Any]]:
    """Yield the largest parts as one line each, and the sum of all others as one line."""
    ordered = sorted(named, key=lambda one: (-one[1].spent, one[0] or ""))
    lines, weight = list[dict[str, Any]](), 0
    for name, move in ordered[:MAX_LINES]:
        line = {"name": name, **_line(move)}
        if spellings is not None:
            line["spellings"] = list(spellings.get(name, ()))
        weight += len(json.dumps(line, ensure_ascii=False).encode())
        if weight > MAX_BYTES:
            break
        lines.append(line)
    rest = ordered[len(lines) :]
    others = {"names": len(rest), **_line(sum((move for _, move in rest), Move()))}
    yield f"by_{by}", lines
    yield f"by_{by}_others", others if rest else None


def _line(move: Move) -> dict[str, Any]:
    return {"spent_usd": render(move.spent), "tokens": move.tokens, "entries": move.entries}


def _counts(move: Move) -> dict[str, int]:
    names = ("entries", "tokens", "input_tokens", "output_tokens")
    return {name: getattr(move, name) for name in names}


def _facts(move: Move) -> tuple[Any, ...]:
    return (move.spent, move.workflow_spent, *_counts(move).values())
