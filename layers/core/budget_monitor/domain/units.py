"""Units: what limits and accounts count: USD, tokens or calls."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import ROUND_CEILING, ROUND_DOWN, Context, Decimal
from operator import attrgetter
from typing import Any

from budget_monitor.domain.money import PLACES, ZERO, render
from budget_monitor.domain.values import dataclass

USD, TOKENS, CALLS = "usd", "tokens", "calls"
INPUT_TOKENS, OUTPUT_TOKENS = "input_tokens", "output_tokens"
COUNTED = (TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, CALLS)
"""The units that are whole numbers."""
TOKEN_UNITS = (TOKENS, INPUT_TOKENS, OUTPUT_TOKENS)
UNITS = (USD, *COUNTED)

_ONE = {
    TOKENS: "token",
    INPUT_TOKENS: "input token",
    OUTPUT_TOKENS: "output token",
    CALLS: "call",
}
_SUFFIX = {USD: "usd", CALLS: "calls"}
STEPS = {USD: Decimal(1).scaleb(-PLACES), **dict.fromkeys(COUNTED, Decimal(1))}
"""The smallest amount that each unit can count."""
_WHOLE = Decimal(100)
_DOWN = Context(prec=60, rounding=ROUND_DOWN)
_UP = Context(prec=60, rounding=ROUND_CEILING)


def suffix(unit: str) -> str:
    """The end of the names of fields that say an amount in this unit: `usd`, `tokens`, `calls`."""
    return _SUFFIX.get(unit, "tokens")


def shown(unit: str, amount: Decimal | None) -> str | int | None:
    """The amount as answers have it: USD as a decimal string, anything else as a whole number."""
    if amount is None:
        return None
    return render(amount) if unit == USD else int(amount)


def amount_fields(unit: str, **amounts: Decimal | None) -> dict[str, str | int | None]:
    """The amounts as fields of an answer: `spent` in USD is `spent_usd`."""
    end, show = suffix(unit), render if unit == USD else int
    return {
        f"{name}_{end}": None if amount is None else show(amount)
        for name, amount in amounts.items()
    }


def words(unit: str, amount: Decimal) -> str:
    """The amount with its unit, as sentences say it: `0.5 USD`, `1 call`, `20 input tokens`."""
    if unit == USD:
        return f"{render(amount)} USD"
    return f"{render(amount)} {_ONE[unit]}{'' if amount == 1 else 's'}"


def share_of(unit: str, amount: Decimal, percent: int) -> Decimal:
    """That percentage of the amount, rounded down to what the unit can count."""
    part = _DOWN.divide(_DOWN.multiply(amount, Decimal(percent)), _WHOLE)
    return part.quantize(STEPS[unit], context=_DOWN)


def whole_of(unit: str, part: Decimal, percent: int) -> Decimal:
    """The amount of which the part is that percentage, rounded up to what the unit can count."""
    whole = _UP.divide(_UP.multiply(part, _WHOLE), Decimal(percent))
    return whole.quantize(STEPS[unit], context=_UP)


@dataclass(frozen=True, slots=True)
class Amounts:
    """An amount in each unit: what a request asks for, what a hold keeps, what a cost was."""

    usd: Decimal = ZERO
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0

    @classmethod
    def uncounted(cls, usd: Decimal) -> "Amounts":
        """An amount in USD for one call of unknown usage.

        It counts as one token of each kind, so that a limit in tokens that is used up, or is zero,
        refuses it.
        """
        return cls(usd, tokens=1, input_tokens=1, output_tokens=1, calls=1)

    def of(self, unit: str) -> Decimal:
        """The amount in one unit."""
        return Decimal(getattr(self, unit))

    def __add__(self, other: "Amounts") -> "Amounts":
        return self._each(other, lambda one, more: one + more)

    def less(self, other: "Amounts") -> "Amounts":
        """What is left in each unit when the other is taken off; never below zero."""
        return self._each(other, lambda one, off: max(one - off, type(one)()))

    def at_most(self, other: "Amounts") -> "Amounts":
        """The lower amount of the two in each unit."""
        return self._each(other, min)

    def _each(self, other: "Amounts", of: Callable[[Any, Any], Any]) -> "Amounts":
        return Amounts(*map(of, _amounts(self), _amounts(other)))

    def dump(self) -> dict[str, int]:
        """Counts other than USD, as plain JSON."""
        return {unit: getattr(self, unit) for unit in COUNTED}

    @classmethod
    def load(cls, usd: Decimal, dumped: Mapping[str, int]) -> "Amounts":
        """What `dump` gave. Raises KeyError, TypeError or ValueError for anything else."""
        counts = {unit: dumped[unit] for unit in COUNTED}
        if any(type(count) is not int or count < 0 for count in counts.values()):
            raise ValueError("not counts of usage")
        return cls(usd, **counts)


_amounts = attrgetter(*(one.name for one in fields(Amounts)))
NONE_ASKED = Amounts()
