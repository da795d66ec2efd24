"""Forecasts: a month's total if the remaining days cost as much as the last four weeks' days."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from statistics import pstdev

from budget_monitor.domain.money import ZERO

WINDOW = 28
"""Complete days that are averaged: four weeks, so every weekday has the same weight."""
MIN_DAYS = 3
"""Minimum of complete days since the first cost; with fewer there is no forecast."""
METHOD = (
    "Spend so far, plus an average day for each remaining day of the month. The average is over "
    "the last 28 complete days, starting with the first day that has a cost. Days without cost "
    "count as zero, and so do days on which corrections exceed costs. Today counts as an average "
    "day, or as its spend so far if that is higher. Low and high are two standard deviations of "
    "the remaining days from the estimate; low is never below the spend so far."
)

_ROUNDING = Context(prec=60, rounding=ROUND_HALF_EVEN)
_PLACE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Series:
    """Daily cost of a tenant, in USD, as of one instant of the month."""

    before: Sequence[tuple[str, Decimal]]
    """Complete days that may be averaged, oldest first."""
    past: Sequence[tuple[str, Decimal]]
    """Complete days of the month."""
    today: tuple[str, Decimal]
    left: Sequence[str]
    """Days of the month after today."""
    spent: Decimal
    """Cost of the month so far."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Month-end estimate in USD; the figures are None without enough data."""

    spent: Decimal
    limit: Decimal | None
    days_used: int
    first_day: str | None = None
    last_day: str | None = None
    estimate: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    reached_on: str | None = None
    """Day on which the limit is reached; None if not within the month."""

    @property
    def enough_data(self) -> bool:
        """True if there is an estimate."""
        return self.estimate is not None

    @property
    def exceeds(self) -> bool | None:
        """True if the estimate is above the limit; None if either is unknown."""
        if self.estimate is None or self.limit is None:
            return None
        return self.estimate > self.limit


def forecast_of(series: Series, limit: Decimal | None) -> Forecast:
    """Return the forecast of a month. Rounded once, half-even, at 6 places."""
    used = _since_first_cost(series.before)
    if len(used) < MIN_DAYS:
        return Forecast(series.spent, limit, len(used))
    with localcontext(_ROUNDING):
        values = [max(amount, ZERO) for _, amount in used]
        mean = Fraction(sum(values, ZERO)) / len(values)
        rest = max(mean - max(Fraction(series.today[1]), Fraction(0)), Fraction(0))
        estimate = _rounded(Fraction(series.spent) + rest + mean * len(series.left))
        spread = (pstdev(values) * 2 * Decimal(len(series.left) + 1).sqrt()).quantize(_PLACE)
        return Forecast(
            series.spent,
            limit,
            len(used),
            first_day=used[0][0],
            last_day=used[-1][0],
            estimate=max(estimate, series.spent),
            low=max(estimate - spread, series.spent),
            high=max(estimate + spread, series.spent),
            reached_on=_reached(series, limit, mean, rest),
        )


def _reached(series: Series, limit: Decimal | None, mean: Fraction, rest: Fraction) -> str | None:
    """Return the first day at whose end the month's cost is at or above the limit."""
    if limit is None:
        return None
    total = Fraction(0)
    if series.spent >= limit:
        for day, amount in (*series.past, series.today):
            total += Fraction(amount)
            if total >= limit:
                return day
        return series.today[0]
    total = Fraction(series.spent) + rest
    for day in (series.today[0], *series.left):
        if total >= limit:
            return day
        total += mean
    return None


def _since_first_cost(days: Sequence[tuple[str, Decimal]]) -> Sequence[tuple[str, Decimal]]:
    first = next((place for place, (_, amount) in enumerate(days) if amount > 0), len(days))
    return days[first:]


def _rounded(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / amount.denominator).quantize(_PLACE)
