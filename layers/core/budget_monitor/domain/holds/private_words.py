"""Words about gates whose amounts are the platform's own: that they refuse, and when they reset."""

from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.rules.gates import Gate


def private_reason(opening: str, gate: Gate) -> str:
    """Why such a gate refuses, without any amount."""
    return f"{opening}: the system has too little left in {gate.account.period}"


def private_unblock(gate: Gate) -> str:
    """What can be done about such a gate, without any amount."""
    ask = f"ask the platform to raise {gate.budget.budget_id}"
    resets_at = gate.resets_at
    return f"{ask}, or wait until {render_instant(resets_at)}" if resets_at else ask
