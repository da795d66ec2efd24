"""Thresholds: the percentages of limits that an account's spend has just crossed."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.values import dataclass

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold that spend went above: percent of the gate's limit, and the spend in USD."""

    gate: Gate
    percent: int
    spent: Decimal

    @property
    def is_over(self) -> bool:
        """True if the threshold is 100 % or more."""
        return self.percent >= HUNDRED


def crossed(gates: Iterable[Gate], before: Decimal, spent: Decimal) -> Iterator[Crossing]:
    """Yield every threshold between the spend before and now, lowest first.

    Spend that was above a threshold already does not cross it, even if the limit was lowered.
    """
    for gate in gates:
        limit = gate.budget.limit
        for percent in gate.budget.thresholds if limit is not None else ():
            if limit is not None and before * HUNDRED <= limit * percent < spent * HUNDRED:
                yield Crossing(gate, percent, spent)
