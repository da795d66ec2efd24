"""What people can do about a gate that refuses, in words."""

from decimal import Decimal

from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.limits import limit_field
from budget_monitor.domain.units import USD, whole_of, words


def more_limit(gate: Gate, lacking: Decimal) -> str:
    """By how much the limit must grow, so that its usable part grows by what is lacking."""
    budget, more = gate.budget, whole_of(gate.unit, lacking, gate.percent)
    if gate.unit == USD:
        return f"raise {budget.budget_id} by {words(USD, more)} or more"
    limit = render((budget.limit or ZERO) + more)
    return f"set {limit_field(gate.unit)} of {budget.budget_id} to {limit} or more"
