"""Forecast of one run, for the people who decide about its request: its pace so far."""

from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import Account
from budget_monitor.domain.money import PLACES, ZERO, render
from budget_monitor.domain.periods import parse_instant

_STEP = Decimal(1).scaleb(-PLACES)
_CONTEXT = Context(prec=60)
_HOUR = Decimal(3600)


def forecast(run: Account | None, amount: Decimal, now: datetime) -> dict[str, Any] | None:
    """Return what the run spent, and how many calls and hours `amount` (USD) lasts at its pace.

    None for a run that spent nothing so far: it has no pace.
    """
    if run is None or run.totals.spent <= 0 or not run.totals.entries:
        return None
    totals = run.totals
    per_call = _divided(totals.spent, Decimal(totals.entries))
    per_hour = _per_hour(run, now)
    return {
        "run_spent_usd": render(totals.spent),
        "run_held_usd": render(totals.held),
        "run_calls": totals.entries,
        "usd_per_call": render(per_call),
        "calls_more": _whole(amount, per_call),
        "usd_per_hour": None if per_hour is None else render(per_hour),
        "minutes_more": _whole(amount * 60, per_hour) if per_hour else None,
    }


def _per_hour(run: Account, now: datetime) -> Decimal | None:
    """The run's spend per hour since it was first seen; None if that time is not known."""
    if run.began_at is None:
        return None
    seconds = Decimal((now - parse_instant(run.began_at, "began_at")).total_seconds())
    return _divided(run.totals.spent * _HOUR, seconds) if seconds > 0 else None


def _divided(amount: Decimal, by: Decimal) -> Decimal:
    whole = _CONTEXT.divide(amount, by)
    return whole.quantize(_STEP, rounding=ROUND_HALF_EVEN, context=_CONTEXT)


def _whole(amount: Decimal, each: Decimal) -> int | None:
    if each <= ZERO:
        return None
    return int(_CONTEXT.divide(amount, each).to_integral_value(ROUND_DOWN))
