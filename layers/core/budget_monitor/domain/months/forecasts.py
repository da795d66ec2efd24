"""Forecasts: what a month will come to if its days go on as the last weeks' days did."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from statistics import pstdev

from budget_monitor.domain.money import ZERO

WINDOW = 28
"""Complete days that are looked back at: four weeks, so that each weekday counts the same."""
LEAST_DAYS = 3
"""Complete days since the first cost without which nothing is foretold."""
METHOD = (
    "What is spent so far, plus an average day for each day that is left of the month. The average "
    "is that of the last 28 complete days, from the first of them with a cost on; days without "
    "any cost count as zero, and so do days on which corrections outweigh costs. Today counts as "
    "an average day, or as what it has spent already where that is more. Low and high are two "
    "standard deviations of the days that are left away, low no less than what is spent."
)

_ROUNDING = Context(prec=60, rounding=ROUND_HALF_EVEN)
_PLACE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Series:
    """What a tenant's days came to, in USD, seen at one moment of the month."""

    before: Sequence[tuple[str, Decimal]]
    """The complete days that may be looked back at, the oldest first."""
    past: Sequence[tuple[str, Decimal]]
    """The complete days of the month."""
    today: tuple[str, Decimal]
    left: Sequence[str]
    """The days of the month after today."""
    spent: Decimal
    """In the whole month so far."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A month-end estimate, in USD; without enough data there are no figures."""

    spent: Decimal
    limit: Decimal | None
    days_used: int
    first_day: str | None = None
    last_day: str | None = None
    estimate: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    reached_on: str | None = None
    """The day on which the limit is reached, where it is within the month."""

    @property
    def enough_data(self) -> bool:
        """Whether there are figures."""
        return self.estimate is not None

    @property
    def exceeds(self) -> bool | None:
        """Whether the estimate is above the limit; None where either is unknown."""
        if self.estimate is None or self.limit is None:
            return None
        return self.estimate > self.limit


def forecast_of(series: Series, limit: Decimal | None) -> Forecast:
    """The forecast of a month. Rounded once, half-even, at 6 places."""
    used = _since_first_cost(series.before)
    if len(used) < LEAST_DAYS:
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
    """The first day at whose end the month has spent the limit or more."""
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
