"""What people can do about a gate that refuses, in words."""

from dataclasses import replace
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import WORKFLOW
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.rules.budgets import PAUSE
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.limits import limit_field
from budget_monitor.domain.units import USD, whole_of, words


def more_limit(gate: Gate, lacking: Decimal) -> str:
    """Return by how much the limit must grow so that the request fits its usable part."""
    budget, more = gate.budget, whole_of(gate.unit, lacking, gate.percent)
    if gate.unit == USD:
        return f"raise {budget.budget_id} by {words(USD, more)} or more"
    limit = render((budget.limit or ZERO) + more)
    return f"set {limit_field(gate.unit)} of {budget.budget_id} to {limit} or more"


def resumes(standing: Standing) -> bool:
    """True if it pauses the workflow that it limits, which must then be resumed."""
    return standing.budget.action == PAUSE and standing.gate.account.scope == WORKFLOW


def unblock(standing: Standing) -> str:
    """Return what unblocks a gate: a raise, a resume with a limit, or waiting."""
    budget, gate, held = standing.budget, standing.gate, standing.totals.held
    if gate.private:
        return private_unblock(gate)
    lacking, ways = standing.projected - (gate.usable_limit or ZERO), list[str]()
    then = " and resume the workflow" if resumes(standing) else ""
    if _fits_wrapping_up(standing):
        ways.append("send wrap_up: true where the request ends the run's work")
    if not gate.of_run:
        ways.append(f"{more_limit(gate, lacking)}{then}")
    if gate.of_run or then:
        ways.append(f"resume the workflow with a limit of {render(standing.projected)} USD or more")
    if held >= lacking:
        ways.append(
            f"wait until {render(lacking)} of {words(gate.unit, held)} of holds are released or "
            f"expired{then}"
        )
    if gate.resets_at is not None and standing.asked <= gate.usable_part_of(budget.base_limit):
        ways.append(f"wait until {render_instant(gate.resets_at)}{then}")
    return ", or ".join(ways)


def _fits_wrapping_up(standing: Standing) -> bool:
    """True if the request would fit with `wrap_up`."""
    gate = standing.gate
    if gate.percent == gate.percent_wrapping_up:
        return False
    wrapping_up = replace(gate, percent=gate.percent_wrapping_up)
    return replace(standing, gate=wrapping_up).fits


def private_unblock(gate: Gate) -> str:
    """Return what can be done about such a gate, without amounts."""
    ask = f"ask the platform to raise {gate.budget.budget_id}"
    resets_at = gate.resets_at
    return f"{ask}, or wait until {render_instant(resets_at)}" if resets_at else ask
