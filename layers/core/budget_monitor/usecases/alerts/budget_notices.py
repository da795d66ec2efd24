"""Alerts about single budgets: a shadow that would have refused, a limit that fell below spend."""

from datetime import datetime
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.alerts.alerts import LIMIT_EXCEEDED, WOULD_BLOCK, Alert
from budget_monitor.domain.alerts.thresholds import HUNDRED
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import percent
from budget_monitor.domain.periods import RUN, render_instant
from budget_monitor.domain.units import amount_fields


def would_block(
    standing: Standing, run: dict[str, Any], month: str, owner: str | None, at: datetime
) -> Alert:
    """That a shadow budget would have refused: the first of its period, for single runs of a month.

    `run`: the labels of the run that it let pass.
    """
    account, budget = standing.gate.account, standing.budget
    of_runs = account.period == RUN
    where = (account.scope, month) if of_runs else (str(account),)
    return Alert(
        tenant_id=account.tenant_id,
        kind=WOULD_BLOCK,
        once=(*where, budget.budget_id),
        at=at,
        scope=budget.scope,
        scope_id=standing.gate.scope_id,
        period=month if of_runs else account.period,
        facts={
            **_figures(standing),
            **amount_fields(standing.gate.unit, asked=standing.asked),
            "owner": None if account.tenant_id == SYSTEM else owner,
            **({} if account.tenant_id == SYSTEM else run),
        },
    )


def below_spend(
    standing: Standing, cause: str, once: tuple[str, ...], owner: str | None, at: datetime
) -> Alert:
    """That a limit is below what is spent already. `cause`: `edit` or `expiry`."""
    account, budget = standing.gate.account, standing.budget
    return Alert(
        tenant_id=account.tenant_id,
        kind=LIMIT_EXCEEDED,
        once=(str(account), budget.budget_id, cause, *once),
        at=at,
        scope=budget.scope,
        scope_id=standing.gate.scope_id,
        period=account.period,
        facts={
            **_figures(standing),
            "threshold_percent": HUNDRED,
            "cause": cause,
            "owner": None if account.tenant_id == SYSTEM else owner,
        },
    )


def _figures(standing: Standing) -> dict[str, Any]:
    budget, totals, resets_at = standing.budget, standing.totals, standing.gate.resets_at
    limit = budget.limit
    return {
        "budget_id": budget.budget_id,
        "unit": standing.gate.unit,
        **amount_fields(standing.gate.unit, limit=limit, spent=totals.spent, held=totals.held),
        "used_percent": None if limit is None else percent(totals.spent, limit),
        "action": budget.action,
        "enforcement": budget.enforcement,
        "resets_at": render_instant(resets_at) if resets_at else None,
    }
