"""Statements: what a month came to, told when it ended. Numbered, and never changed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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

MAX_LINES, MAX_BYTES = 100, 40_000
"""Of a breakdown in a statement, so that no month grows too large to be kept."""

Named = Sequence[tuple[str | None, Move]]
"""Accounts that add up to a total, by name; None stands for costs without that label."""


@dataclass(frozen=True, slots=True)
class MonthTerms:
    """What was allowed in a month, as it stood at the month's last moment."""

    ends_at: datetime
    """The first moment after the month."""
    takes_costs_until: datetime
    """Until when a cost that comes late is still booked in it."""
    limit: Decimal | None
    budgets: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a month came to."""

    totals: Move
    late: Move
    """What of it happened in a month that was closed before."""
    parts: Mapping[str, Named]
    """The same total by agent, by model or by tenant."""

    @property
    def adds_up(self) -> bool:
        """Whether every breakdown is the total, to the last digit, in money and in counts."""
        whole = _facts(self.totals)
        return all(
            _facts(sum((move for _, move in named), Move())) == whole
            for named in self.parts.values()
        )

    def dump(self) -> dict[str, Any]:
        """The figures as plain JSON."""
        totals = self.totals
        return {
            "spent_usd": render(totals.spent),
            "agent_cost_usd": render(totals.spent - totals.workflow_spent),
            "workflow_cost_usd": render(totals.workflow_spent),
            **_counts(totals),
            "late": _line(self.late),
            **{
                name: value for by, named in self.parts.items() for name, value in _lines(by, named)
            },
        }

    @property
    def digest(self) -> str:
        """The same for the same figures. What is held is none: it may still go either way."""
        return sha256(json.dumps(self.dump(), sort_keys=True).encode()).hexdigest()


def statement(
    account: AccountKey, number: int, figures: Figures, terms: MonthTerms, closed_at: datetime
) -> dict[str, Any]:
    """The statement of a month's account, as it is kept and shown."""
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
    """A budget with its limit and raises as they stood at that moment."""
    period = RUN if budget.period == RUN else calendar.name(budget.period, at)
    limit = budget.at(at, period).limit
    return {
        "budget_id": budget.budget_id,
        "scope": budget.scope,
        "scope_id": budget.scope_id,
        "period": budget.period,
        "limit_usd": None if limit is None else render(limit),
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
    """The budgets as they were at that moment, before these changes, the latest first.

    Raises of another owner, which a change does not tell of, are kept.
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


def statement_key(owner_id: str, month: str) -> DocumentKey:
    """The document that counts the statements of a month."""
    return DocumentKey(owner_id, "statement", month)


def _lines(by: str, named: Named) -> Iterable[tuple[str, Any]]:
    """The largest, one line each, and in one line what all others came to."""
    ordered = sorted(named, key=lambda one: (-one[1].spent, one[0] or ""))
    lines, weight = list[dict[str, Any]](), 0
    for name, move in ordered[:MAX_LINES]:
        line = {"name": name, **_line(move)}
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
