"""Words about gates whose amounts are the platform's own: that they refuse, and when they reset."""

from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.rules.gates import Gate


def private_reason(opening: str, gate: Gate) -> str:
    """Return why such a gate refuses, without amounts."""
    return f"{opening}: the system has too little left in {gate.account.period}"


def private_unblock(gate: Gate) -> str:
    """Return what can be done about such a gate, without amounts."""
    ask = f"ask the platform to raise {gate.budget.budget_id}"
    resets_at = gate.resets_at
    return f"{ask}, or wait until {render_instant(resets_at)}" if resets_at else ask
