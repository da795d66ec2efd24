"""Striped accounts for unit tests: names, rows, and what a process has cached of them."""

from __future__ import annotations

from decimal import Decimal

from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import RowPosting
from budget_monitor.adapters.dynamodb.striping import Striping
from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.accounting.stripes import stripe_of
from budget_monitor.domain.transactions import Posting

SYSTEM = system_key("2026-11")
ACME, RUN, FLOW = tenant_key("acme", "2026-11"), execution_key("acme", "e1"), workflow_key("a", "w")
AGENT = AccountKey("acme", "agent", "planner", "2026-11")
MODEL = AccountKey("acme", "model", "gpt-4o", "2026-11")
DAY = AccountKey("acme", "occurred", "acme", "2026-11-22")
FOUR = Layout(system=4, tenant=3)
UNDER, OVER = "4/10/under", "4/10/over"


def usd(text: str) -> Decimal:
    return Decimal(text)


def cost(amount: str, **said: object) -> Posting:
    return Posting(Move(spent=usd(amount)), **said)  # type: ignore[arg-type]


def name_for(stripe: int, count: int = 4) -> str:
    return next(f"n{n}" for n in range(999) if stripe_of(f"n{n}", count) == stripe)


def rows(*committed: str, level: str | None = UNDER) -> list[Account]:
    return [
        Account(
            SYSTEM._replace(stripe=place), Move(spent=usd(one)), None, level, usd(one), seen=True
        )
        for place, one in enumerate(committed)
    ]


def knowing(level: str, *opened: int) -> Striping:
    striping = Striping(FOUR)
    striping.wrote(
        {SYSTEM._replace(stripe=one): RowPosting(Move(), level=level) for one in opened or (0,)}
    )
    return striping
