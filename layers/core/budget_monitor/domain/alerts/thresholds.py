"""Thresholds: which parts of which limits an account's spend has just gone above."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from budget_monitor.domain.rules.gates import Gate

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold in percent of a gate's limit that spend went above, and the spend in USD."""

    gate: Gate
    percent: int
    spent: Decimal

    @property
    def is_over(self) -> bool:
        """Whether that is the limit itself, or more."""
        return self.percent >= HUNDRED


def crossed(gates: Iterable[Gate], before: Decimal, spent: Decimal) -> Iterator[Crossing]:
    """Every threshold that lies between the spend before and now, the lowest first.

    What was above a threshold already, such as one of a limit that was lowered, crosses nothing.
    """
    for gate in gates:
        limit = gate.budget.limit
        for percent in gate.budget.thresholds if limit is not None else ():
            if limit is not None and before * HUNDRED <= limit * percent < spent * HUNDRED:
                yield Crossing(gate, percent, spent)
