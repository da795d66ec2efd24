"""Decisions: does a request fit its gates, with the reason and the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    BUDGET,
    EXECUTION,
    SYSTEM,
    WORKFLOW,
    Account,
    AccountKey,
    Move,
)
from budget_monitor.domain.holds.private_words import private_reason, private_unblock
from budget_monitor.domain.holds.ways import more_limit
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.periods import MONTH, RUN, render_instant
from budget_monitor.domain.rules.budgets import (
    ALERT,
    ALLOW,
    BLOCK,
    BLOCK_NEW,
    PAUSE,
    SHADOW,
    Budget,
)
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.units import NONE_ASKED, USD, Amounts, words

_NEARING = Decimal("0.8")
_SCARCE, _REQUESTS = Decimal("0.1"), 20
_CODES = {
    "execution": ("EXECUTION_EXCEEDED", "Execution budget exceeded"),
    "workflow": ("WORKFLOW_EXCEEDED", "Workflow budget exceeded"),
    "tenant-month": ("TENANT_MONTH_EXCEEDED", "Monthly budget exceeded"),
    "system-month": ("SYSTEM_MONTH_EXCEEDED", "System-wide budget exceeded"),
}
_CUSTOM = "BUDGET_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate with what its account holds now and what is asked of it, in the gate's unit."""

    gate: Gate
    totals: Move
    asked: Decimal = ZERO
    running: bool = False
    """True if the run, or a parent of it, began before the gate's limit was reached."""

    @property
    def budget(self) -> Budget:
        """The gate's budget."""
        return self.gate.budget

    @property
    def projected(self) -> Decimal:
        """`committed` after the request, if it is granted."""
        return self.totals.committed + self.asked

    @property
    def available(self) -> Decimal | None:
        """Limit - committed; negative after an overrun, None without a limit."""
        return None if self.budget.limit is None else self.budget.limit - self.totals.committed

    @property
    def left(self) -> Decimal | None:
        """What the request's part of the limit still has room for; never below zero."""
        limit = self.gate.usable_limit
        return None if limit is None else max(limit - self.totals.committed, ZERO)

    @property
    def fits(self) -> bool:
        """The projection alone: it depends on spent, held, asked and the limit."""
        limit = self.gate.usable_limit
        return limit is None or self.projected <= limit

    @property
    def allowed(self) -> bool:
        """Whether this gate lets the request pass; only an enforced one can refuse."""
        return self.fits or not self.can_refuse

    @property
    def can_refuse(self) -> bool:
        """Whether it refuses what does not fit."""
        passing_gates = self.running and self.budget.action == BLOCK_NEW
        return self.budget.enforces and not passing_gates

    @property
    def would_block(self) -> bool:
        """True if it is a shadow budget that would refuse the request if it were enforced."""
        in_earnest = self.budget.enforcement == SHADOW and self.budget.action != ALERT
        return (
            in_earnest and not self.fits and not (self.running and self.budget.action == BLOCK_NEW)
        )

    @property
    def of_month(self) -> bool:
        """Whether it is a month's gate in USD: what came late for a closed month counts there."""
        return self.budget.period == MONTH and self.gate.unit == USD

    @property
    def exceeded(self) -> bool:
        """True if spent is above the limit; ignores holds and the request."""
        return self.budget.limit is not None and self.totals.spent > self.budget.limit

    @property
    def nearing(self) -> bool:
        """True if spent is above 80 % of the limit; ignores holds and the request."""
        return self.budget.limit is not None and self.totals.spent > self.budget.limit * _NEARING

    @property
    def near(self) -> bool:
        """Whether so little is left that no copy may decide: a tenth, or 20 such requests."""
        limit, left = self.gate.usable_limit, self.left
        if limit is None or left is None:
            return False
        return left <= 0 or left < limit * _SCARCE or left < self.asked * _REQUESTS

    @property
    def warning(self) -> str | None:
        """Warning for the caller while the gate is nearing its limit, or None."""
        if not self.nearing or self.gate.private:
            return None
        return (
            f"Nearing {self.budget.budget_id}: {_who(self.gate)} spent "
            f"{words(self.gate.unit, self.totals.spent)} of {_limit(self.gate)} {_when(self.gate)}"
        )


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


def standings_of(
    gates: Sequence[Gate], accounts: Mapping[AccountKey, Account], asked: Amounts = NONE_ASKED
) -> tuple[Standing, ...]:
    """Return the standing of each gate, in order. A workflow's own limit replaces its gates'."""
    runs = [accounts[gate.account] for gate in gates if gate.account.scope in {EXECUTION, WORKFLOW}]
    begun = [run for run in runs if run.began]
    return tuple(
        Standing(
            gate.under(account.terms),
            account.totals,
            asked.of(gate.unit),
            running=any(gate.account not in run.began_over for run in begun),
        )
        for gate, account in ((gate, accounts[gate.account]) for gate in gates)
    )


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
    """The same standings for those who may see the platform's amounts."""
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
            f"{opening}: {_who(standing.gate)} spent {_said(standing, totals.spent)} and holds "
            f"{_said(standing, totals.held)} of {_limit(standing.gate)} {_when(standing.gate)}; "
            f"{_said(standing, standing.asked)} more would make "
            f"{_said(standing, standing.projected)}"
            f"{_of_which_usable(standing)}"
        )
    )
    refusing = [one for one in standings if not one.allowed]
    last = pauses and not any(_resumes(one) for one in refusing)
    every = dict.fromkeys(_unblock(one) for one in refusing)
    unblock = "; and ".join(every) + ("; then resume the workflow" if last else "")
    return Verdict(PAUSE if pauses else BLOCK, code, reason, budget.budget_id, unblock)


def _said(standing: Standing, amount: Decimal) -> str:
    return words(standing.gate.unit, amount)


def _of_which_usable(standing: Standing) -> str:
    """How much of the limit the request may use, where that is not all of it."""
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


def _resumes(standing: Standing) -> bool:
    """Whether it pauses the workflow that it limits: each way around it ends by resuming that."""
    return standing.budget.action == PAUSE and standing.gate.account.scope == WORKFLOW


def _unblock(standing: Standing) -> str:
    """Return what unblocks a gate: a raise, a resume with a limit, or waiting."""
    budget, gate, held = standing.budget, standing.gate, standing.totals.held
    if gate.private:
        return private_unblock(gate)
    lacking, ways = standing.projected - (gate.usable_limit or ZERO), list[str]()
    then = " and resume the workflow" if _resumes(standing) else ""
    if _fits_wrapping_up(standing):
        ways.append("send wrap_up: true where the request ends the run's work")
    if not gate.of_run:
        ways.append(f"{more_limit(gate, lacking)}{then}")
    if gate.of_run or then:
        ways.append(f"resume the workflow with a limit of {render(standing.projected)} USD or more")
    if held >= lacking:
        ways.append(
            f"wait until {render(lacking)} of {_said(standing, held)} of holds are released or "
            f"expired{then}"
        )
    if gate.resets_at is not None and standing.asked <= gate.usable_part_of(budget.base_limit):
        ways.append(f"wait until {render_instant(gate.resets_at)}{then}")
    return ", or ".join(ways)


def _fits_wrapping_up(standing: Standing) -> bool:
    """Whether it is only the budget's reserve that refuses the request."""
    gate = standing.gate
    if gate.percent == gate.percent_wrapping_up:
        return False
    wrapping_up = replace(gate, percent=gate.percent_wrapping_up)
    return replace(standing, gate=wrapping_up).fits


def _who(gate: Gate) -> str:
    if gate.account.tenant_id == SYSTEM:
        return "the system"
    of_run = gate.account.period == RUN
    named = gate.account.scope == BUDGET and gate.budget.scope_id and not of_run
    return f"{gate.budget.scope} {gate.scope_id}" if named else gate.scope_id


def _limit(gate: Gate) -> str:
    limit = gate.budget.limit
    return "no limit" if limit is None else words(gate.unit, limit)


def _when(gate: Gate) -> str:
    return "in this run" if gate.account.period == RUN else f"in {gate.account.period}"
