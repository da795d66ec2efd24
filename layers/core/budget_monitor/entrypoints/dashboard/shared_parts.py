"""Parts that several pages show: budgets, alerts, and lines of a breakdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import Account
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import month_of
from budget_monitor.entrypoints.dashboard.figures import Bar, share
from budget_monitor.entrypoints.dashboard.services import Reports
from budget_monitor.ports.alerts import StoredAlert
from budget_monitor.usecases.reports.breakdowns import Cut
from budget_monitor.usecases.rules.budgets import BudgetView

ITEMS = 10
"""Lines of a list on a page."""
MAX_DAYS = 31


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget and, if it has one account, what is spent, held and left of it."""

    view: BudgetView
    standing: Standing | None
    bar: Bar | None


def budget_lines(reports: Reports, tenant_id: str) -> list[BudgetLine]:
    """Every budget that applies to an owner, in each of its units."""
    views = reports.budgeting.list_budgets(tenant_id)
    usage = reports.budget_usage.of(views)
    lines = list[BudgetLine]()
    for view in views:
        standings = usage.get(view.budget.budget_id, ())
        lines += (BudgetLine(view, one, _bar(one)) for one in standings)
        lines += [] if standings else [BudgetLine(view, None, None)]
    return lines


def _bar(standing: Standing) -> Bar | None:
    return None if standing.gate.private else Bar.of(standing)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a breakdown; `name` None: costs without that label."""

    name: str | None
    account: Account
    width: str
    """Its spend in percent of the largest."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The largest lines of a breakdown and what all others spent together."""

    items: Sequence[Line]
    rest: Decimal | None
    """USD of the lines that are not shown; None if all are."""


def lines_of(reports: Reports, tenant_id: str, scope: str, month: str) -> Lines:
    """The largest lines of a tenant's month by this scope."""
    found = reports.breakdowns.costs(tenant_id, Cut(scope, month, ITEMS, None)).found
    return lines(found.items, found.total if found.resume_at else None)


def lines(items: Sequence[tuple[str | None, Account]], total: Decimal | None) -> Lines:
    """These lines. `total`: what all lines spent, if others are not among them."""
    spent = [account.totals.spent for _, account in items]
    most = max(spent, default=ZERO)
    shown = [Line(name, account, share(account.totals.spent, most)) for name, account in items]
    return Lines(shown, None if total is None else max(total - sum(spent, ZERO), ZERO))


def alerts_of(reports: Reports, now: datetime, *owners: str) -> list[StoredAlert]:
    """The latest alerts of this month in UTC, of these owners together. A query for each."""
    month = month_of(now, "UTC")
    names = [
        (owner, one)
        for owner in owners
        for one in reports.alerts.of_month(owner, month, ITEMS, None).entry_ids
    ]
    found = reports.alerts.read(names) if names else ()
    return sorted(found, key=lambda one: one.alert.position, reverse=True)[:ITEMS]


def statements_of(reports: Reports, tenant_id: str) -> list[dict[str, Any]]:
    """The latest statements of closed months."""
    return [dict(one) for one in reports.statements.of(tenant_id, None, 6, None).items]
