"""Decisions: does a request fit its gates, with the reason and the numbers behind it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    WORKFLOW,
    Account,
)
from budget_monitor.domain.holds.standing import Standing, limit_of, when, who
from budget_monitor.domain.holds.unblock import resumes, unblock
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.rules.budgets import (
    ALLOW,
    BLOCK,
    PAUSE,
)
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.units import USD, words
from budget_monitor.domain.values import dataclass

_CODES = {
    "execution": ("EXECUTION_EXCEEDED", "Execution budget exceeded"),
    "workflow": ("WORKFLOW_EXCEEDED", "Workflow budget exceeded"),
    "tenant-month": ("TENANT_MONTH_EXCEEDED", "Monthly budget exceeded"),
    "system-month": ("SYSTEM_MONTH_EXCEEDED", "System-wide budget exceeded"),
}
_CUSTOM = "BUDGET_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allow, block or pause: the reason, the budget, and what would unblock the request."""

    action: str
    reason_code: str | None = None
    reason: str | None = None
    budget_id: str | None = None
    unblock: str | None = None

    @property
    def allowed(self) -> bool:
        """True if the run may spend."""
        return self.action == ALLOW


ALLOWED = Verdict(ALLOW)


def judge(
    standings: Sequence[Standing],
    suspended: Suspension | None = None,
    pause: int = 0,
    late: Account | None = None,
    ceiling: Decimal | None = None,
) -> Verdict:
    """Return the decision.

    The first of these that applies refuses the request; if none applies, it is allowed:

    1. a suspension of the tenant,
    2. a pause of the workflow,
    3. the ceiling per entry, in USD,
    4. the narrowest gate that does not allow it.

    The write that takes a hold has the same rule as its condition; here it gives the reason.
    `late`: the account of the month's late bookings, if it was read.
    """
    if suspended:
        return _suspended(suspended)
    if pause:
        return _paused(standings)
    asked = next((one.asked for one in standings if one.gate.unit == USD), ZERO)
    if ceiling is not None and asked > ceiling:
        return _too_much(asked, ceiling)
    for standing in standings:
        if not standing.allowed:
            verdict = _refusal(standing, standings)
            return replace(verdict, reason=f"{verdict.reason}{_of_which_late(standing, late)}")
    return ALLOWED


def with_amounts(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return the standings as people who may see the platform's amounts see them."""
    return tuple(replace(one, gate=replace(one.gate, private=False)) for one in standings)


def _suspended(stop: Suspension) -> Verdict:
    reason = f"Tenant suspended by {stop.by} since {render_instant(stop.at)}: {stop.reason}"
    return Verdict(BLOCK, "TENANT_SUSPENDED", reason, unblock="reinstate the tenant")


def _paused(standings: Sequence[Standing]) -> Verdict:
    run = next(one.gate.account for one in standings if one.gate.account.scope == WORKFLOW)
    reason = f"Workflow {run.scope_id} is paused until a person resumes it"
    unblock = f"resume workflow {run.scope_id}, with a higher limit where it reached its own"
    return Verdict(PAUSE, "WORKFLOW_PAUSED", reason, unblock=unblock)


def _too_much(asked: Decimal, ceiling: Decimal) -> Verdict:
    reason = (
        f"Entry ceiling exceeded: {render(asked)} USD is more than the {render(ceiling)} USD that "
        "one cost or hold may be"
    )
    unblock = "check the amount's unit, hold in parts, or raise the ceiling per entry"
    return Verdict(BLOCK, "ENTRY_CEILING_EXCEEDED", reason, unblock=unblock)


def _refusal(standing: Standing, standings: Sequence[Standing]) -> Verdict:
    budget, totals = standing.budget, standing.totals
    opening = f"Budget {budget.budget_id} exceeded"
    code, opening = _CODES.get(budget.budget_id, (_CUSTOM, opening))
    in_workflow = any(other.gate.account.scope == WORKFLOW for other in standings)
    pauses = budget.action == PAUSE and in_workflow
    reason = (
        private_reason(opening, standing.gate)
        if standing.gate.private
        else (
            f"{opening}: {who(standing.gate)} spent {_said(standing, totals.spent)} and holds "
            f"{_said(standing, totals.held)} of {limit_of(standing.gate)} {when(standing.gate)}; "
            f"{_said(standing, standing.asked)} more would make "
            f"{_said(standing, standing.projected)}"
            f"{_of_which_usable(standing)}"
        )
    )
    refusing = [one for one in standings if not one.allowed]
    last = pauses and not any(resumes(one) for one in refusing)
    every = dict.fromkeys(unblock(one) for one in refusing)
    how = "; and ".join(every) + ("; then resume the workflow" if last else "")
    return Verdict(PAUSE if pauses else BLOCK, code, reason, budget.budget_id, how)


def _said(standing: Standing, amount: Decimal) -> str:
    return words(standing.gate.unit, amount)


def _of_which_usable(standing: Standing) -> str:
    """Return how much of the limit the request may use, in words; empty if it is all of it."""
    usable = standing.gate.usable_limit
    if usable is None or usable == standing.budget.limit:
        return ""
    return f"; this request may use {_said(standing, usable)} of the limit"


def _of_which_late(standing: Standing, late: Account | None) -> str:
    """Return the part of the reason about late bookings, or an empty text."""
    if late is None or not standing.of_month or late.totals.spent <= 0:
        return ""
    amount, tenant_id, month = render(late.totals.spent), late.key.tenant_id, late.key.period
    return f"; {amount} USD of what {tenant_id} spent in {month} came late for a closed month"


def private_reason(opening: str, gate: Gate) -> str:
    """Return why such a gate refuses, without amounts."""
    return f"{opening}: the system has too little left in {gate.account.period}"
