"""Figures as people read them: amounts, times in a zone, and how full a budget is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from zoneinfo import ZoneInfo

from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO, percent, render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.units import USD, words

_CENT = Decimal("0.01")
_READABLE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_FULL, _NEARING = Decimal(100), Decimal(80)
_SIGNIFICANT = 2


def usd(amount: Decimal | str | None) -> str:
    """An amount in USD for people: two places, more below a cent. `-` for None."""
    if amount is None:
        return "-"
    value = Decimal(amount)
    with localcontext(_READABLE):
        if ZERO < abs(value) < _CENT:
            places = _SIGNIFICANT - 1 - value.adjusted()
            return render(value.quantize(Decimal(1).scaleb(-places)))
        return f"{value.quantize(_CENT):,}"


def amount_of(unit: str, amount: Decimal | None) -> str:
    """An amount with its unit; `no limit` for None."""
    if amount is None:
        return "no limit"
    return f"{usd(amount)} USD" if unit == USD else _grouped(words(unit, amount))


def _grouped(text: str) -> str:
    number, _, unit = text.partition(" ")
    return f"{int(number):,} {unit}" if number.lstrip("-").isdigit() else text


def count(number: int) -> str:
    """A count with thousands separators."""
    return f"{number:,}"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in a time zone, for people and for machines."""

    text: str
    iso: str


def moment(at: datetime | str | None, zone: str) -> Moment | None:
    """An instant in this zone; None if there is none."""
    if at is None:
        return None
    instant = parse_instant(at, "at") if isinstance(at, str) else at
    local = instant.astimezone(ZoneInfo(zone))
    return Moment(f"{local.day} {local:%b %Y, %H:%M}", render_instant(instant.astimezone(UTC)))


@dataclass(frozen=True, slots=True)
class Bar:
    """A budget as a bar: widths in percent of the limit, or of what is committed above it."""

    label: str
    state: str
    """`none` without a limit, `ok`, `near` above 80 % of it, or `over`."""
    spent: str
    held: str
    held_from: str
    limit: str | None
    """Where the limit stands if more than it is committed; None: at the end."""
    thresholds: tuple[str, ...]

    @classmethod
    def of(cls, standing: Standing) -> "Bar":
        """The bar of a standing."""
        limit, totals = standing.budget.limit, standing.totals
        committed = max(totals.committed, ZERO)
        whole = max(limit or ZERO, committed)
        spent = min(max(totals.spent, ZERO), whole)
        above = limit is not None and committed > limit
        marks = [limit * one / 100 for one in standing.budget.thresholds] if limit else []
        return cls(
            _label(standing),
            _state(standing),
            percent(spent, whole) if whole else "0",
            percent(min(totals.held, whole - spent), whole) if whole else "0",
            percent(spent, whole) if whole else "0",
            percent(limit, whole) if above and limit is not None else None,
            tuple(percent(one, whole) for one in marks if one < whole),
        )


def _label(standing: Standing) -> str:
    unit, totals = standing.gate.unit, standing.totals
    spent, held = amount_of(unit, totals.spent), amount_of(unit, totals.held)
    return f"{spent} spent and {held} held of {amount_of(unit, standing.budget.limit)}"


def _state(standing: Standing) -> str:
    limit = standing.budget.limit
    if limit is None:
        return "none"
    if standing.totals.committed > limit or standing.exceeded:
        return "over"
    return "near" if standing.nearing else "ok"


def share(part: Decimal, whole: Decimal) -> str:
    """The part in percent of the whole, between 0 and 100, for widths of bars."""
    if whole <= 0 or part <= 0:
        return "0"
    return percent(min(part, whole), whole)
