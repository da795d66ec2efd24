"""The largest number of output tokens that a request's gates would grant."""

from dataclasses import replace
from decimal import Decimal

from budget_monitor.domain.costs.usage import MOST, OUTPUT
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError, ValidationError
from budget_monitor.domain.holds.remaining import Remaining, fits
from budget_monitor.domain.units import OUTPUT_TOKENS, TOKENS, USD
from budget_monitor.domain.values import dataclass
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner

_SAMPLE = 10**6
"""Number of output tokens that is priced to find the price of one."""


def asked_output(plan: Plan) -> int | None:
    """The output tokens that the plan's estimate asks for; None if it is no estimate by them."""
    spent = plan.spent
    if spent is None or spent.amount is not None or spent.usage is None:
        return None
    asked = spent.usage.get(OUTPUT)
    return None if asked is None else int(asked)


def largest_output(planner: Planner, plan: Plan, left: Remaining) -> int | None:
    """Return the maximum of output tokens that what is left pays for, with the other usage.

    None if the estimate is not by usage, where its price is unknown, or without any limit.
    """
    if asked_output(plan) is None or all(left[unit] is None for unit in _LIMITING):
        return None
    try:
        return _Search(planner, plan, _with_ceiling(plan, left)).most()
    except (UnknownPriceError, ValidationError, UnavailableError):
        return None


_LIMITING = (USD, TOKENS, OUTPUT_TOKENS)


def _with_ceiling(plan: Plan, left: Remaining) -> Remaining:
    """Return the amount, limited by the ceiling per entry."""
    known = [one for one in (left[USD], plan.policy.entry_ceiling) if one is not None]
    return {**left, USD: min(known, default=None)}


@dataclass(frozen=True, slots=True)
class _Search:
    """Finds it by the price of one output token, or by bisection if prices are not linear."""

    planner: Planner
    plan: Plan
    left: Remaining

    def most(self) -> int:
        """Return the most output tokens that fit; 0 if none do."""
        if not self._fits(0):
            return 0
        bound = self._bound()
        if self._fits(bound):
            return bound
        guess = min(self._guess(), bound)
        low, high = (guess, bound) if self._fits(guess) else (0, guess)
        if high > low + 1 and not self._fits(low + 1):
            return low
        while high > low + 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(middle) else (low, middle)
        return low

    def _bound(self) -> int:
        """Return the most by the limits in tokens alone."""
        tokens, output = self.left[TOKENS], self.left[OUTPUT_TOKENS]
        _, bill = self.plan.priced
        rest = None if tokens is None else max(int(tokens) - bill.input_tokens, 0)
        return min((int(one) for one in (rest, output) if one is not None), default=MOST)

    def _guess(self) -> int:
        """Return a first guess from the price of one token."""
        usd, base = self.left[USD], self._cost(0)
        if usd is None:
            return 0
        from fractions import Fraction  # noqa: PLC0415 - lean imports

        price = self._cost(_SAMPLE) - base
        return int(Fraction(usd - base) * _SAMPLE / Fraction(price)) if price > 0 else MOST

    def _fits(self, output: int) -> bool:
        return fits(self._planned(output).priced[1].amounts, self.left)

    def _cost(self, output: int) -> Decimal:
        return self._planned(output).priced[1].amount

    def _planned(self, output: int) -> Plan:
        spent, _ = self.plan.priced
        usage = {**(spent.usage or {}), OUTPUT: output}
        plan = replace(self.plan, spent=replace(spent, usage=usage), bill=None)
        return self.planner.billed(plan)
