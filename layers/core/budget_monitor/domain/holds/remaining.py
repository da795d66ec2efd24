"""What is left: the least that the gates of a request still grant, in each unit."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.units import UNITS, Amounts

Remaining = Mapping[str, Decimal | None]
"""An amount by unit; None if no gate limits that unit."""


def remaining(standings: Iterable[Standing], *, with_private: bool = False) -> Remaining:
    """The least that is left at the gates which can refuse, by unit; never below zero.

    Gates whose amounts the caller may not see are left out, unless `with_private`.
    """
    known: dict[str, list[Decimal]] = {unit: [] for unit in UNITS}
    for one in standings:
        left = one.left
        if left is not None and one.can_refuse and (with_private or not one.gate.private):
            known[one.gate.unit].append(left)
    return {unit: min(amounts, default=None) for unit, amounts in known.items()}


def fits(asked: Amounts, left: Remaining) -> bool:
    """True if this much is left in every unit."""
    return all(amount is None or asked.of(unit) <= amount for unit, amount in left.items())
