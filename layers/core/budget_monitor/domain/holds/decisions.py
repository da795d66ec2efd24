"""Decisions: whether a request fits its gates, with the reason and the numbers behind it."""

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
    """A gate with what its account holds now and what is asked of it. Amounts in USD."""

    gate: Gate
    totals: Move
    asked: Decimal = ZERO
    running: bool = False
    """Whether the run, or one above it, began before the gate's limit was reached."""

    @property
    def budget(self) -> Budget:
        """The budget of the gate."""
        return self.gate.budget

    @property
    def projected(self) -> Decimal:
        """What would be committed if the request were granted."""
        return self.totals.committed + self.asked

    @property
    def available(self) -> Decimal | None:
        """What can still be committed; negative after an overrun, None without a limit."""
        return None if self.budget.limit is None else self.budget.limit - self.totals.committed

    @property
    def fits(self) -> bool:
        """The projection alone: it depends on spent, held, asked and the limit."""
        return self.budget.limit is None or self.projected <= self.budget.limit

    @property
    def allowed(self) -> bool:
        """Whether this gate lets the request pass; only an enforced one can refuse."""
        passing_gates = self.running and self.budget.action == BLOCK_NEW
        return self.fits or passing_gates or not self.budget.enforces

    @property
    def would_block(self) -> bool:
        """Whether it would refuse, were it not a shadow."""
        in_earnest = self.budget.enforcement == SHADOW and self.budget.action != ALERT
        return (
            in_earnest and not self.fits and not (self.running and self.budget.action == BLOCK_NEW)
        )

    @property
    def of_month(self) -> bool:
        """Whether it is a month's gate: what came late for a closed month counts there."""
        return self.budget.period == MONTH

    @property
    def exceeded(self) -> bool:
        """The present alone: spent is above the limit."""
        return self.budget.limit is not None and self.totals.spent > self.budget.limit

    @property
    def nearing(self) -> bool:
        """The present alone: spent is above 80 % of the limit."""
        return self.budget.limit is not None and self.totals.spent > self.budget.limit * _NEARING

    @property
    def near(self) -> bool:
        """Whether so little is left that no copy may decide: a tenth, or 20 such requests."""
        limit, left = self.budget.limit, self.available
        if limit is None or left is None:
            return False
        return left <= 0 or left < limit * _SCARCE or left < self.asked * _REQUESTS

    @property
    def warning(self) -> str | None:
        """What to tell the caller while there is still time, or None."""
        if not self.nearing or self.gate.private:
            return None
        return (
            f"Nearing {self.budget.budget_id}: {_who(self.gate)} spent "
            f"{render(self.totals.spent)} USD of {_limit(self.budget)} {_when(self.gate)}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allow, block or pause, why, by which budget, and what would change it."""

    action: str
    reason_code: str | None = None
    reason: str | None = None
    budget_id: str | None = None
    unblock: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the run may spend."""
        return self.action == ALLOW


ALLOWED = Verdict(ALLOW)


def standings_of(
    gates: Sequence[Gate], accounts: Mapping[AccountKey, Account], asked: Decimal = ZERO
) -> tuple[Standing, ...]:
    """Every gate beside its account, in the gates' order. A run's own limit is its gates' limit."""
    runs = [accounts[gate.account] for gate in gates if gate.account.scope in {EXECUTION, WORKFLOW}]
    begun = [run for run in runs if run.began]
    return tuple(
        Standing(
            gate.under(account.terms),
            account.totals,
            asked,
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
    """The decision: a suspension, a pause, the ceiling per entry, the narrowest gate that refuses.

    Else all of them allow. The same rule as the condition of the write that takes a hold; it
    stands here once more for the words of the answer. `late`: the account of what the tenant spent
    in the month and came late for a closed one, where it was read.
    """
    if suspended:
        return _suspended(suspended)
    if pause:
        return _paused(standings)
    if ceiling is not None and standings[0].asked > ceiling:
        return _too_much(standings[0].asked, ceiling)
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
            f"{opening}: {_who(standing.gate)} spent {render(totals.spent)} USD and holds "
            f"{render(totals.held)} USD of {_limit(budget)} {_when(standing.gate)}; "
            f"{render(standing.asked)} USD more would make {render(standing.projected)} USD"
        )
    )
    refusing = [one for one in standings if not one.allowed]
    last = pauses and not any(_resumes(one) for one in refusing)
    every = dict.fromkeys(_unblock(one) for one in refusing)
    unblock = "; and ".join(every) + ("; then resume the workflow" if last else "")
    return Verdict(PAUSE if pauses else BLOCK, code, reason, budget.budget_id, unblock)


def _of_which_late(standing: Standing, late: Account | None) -> str:
    """How much of a month that refuses came late, or nothing."""
    if late is None or not standing.of_month or late.totals.spent <= 0:
        return ""
    amount, tenant_id, month = render(late.totals.spent), late.key.tenant_id, late.key.period
    return f"; {amount} USD of what {tenant_id} spent in {month} came late for a closed month"


def _resumes(standing: Standing) -> bool:
    """Whether it pauses the workflow that it limits: each way around it ends by resuming that."""
    return standing.budget.action == PAUSE and standing.gate.account.scope == WORKFLOW


def _unblock(standing: Standing) -> str:
    """What somebody can do about a gate that refuses, and what time does by itself."""
    budget, gate, held = standing.budget, standing.gate, standing.totals.held
    if gate.private:
        return private_unblock(gate)
    lacking, ways = standing.projected - (budget.limit or ZERO), list[str]()
    then = " and resume the workflow" if _resumes(standing) else ""
    if not gate.of_run:
        ways.append(f"raise {budget.budget_id} by {render(lacking)} USD or more{then}")
    if gate.of_run or then:
        ways.append(f"resume the workflow with a limit of {render(standing.projected)} USD or more")
    if held >= lacking:
        ways.append(
            f"wait until {render(lacking)} of {render(held)} USD of holds are released or "
            f"expired{then}"
        )
    if gate.resets_at is not None and standing.asked <= (budget.base_limit or ZERO):
        ways.append(f"wait until {render_instant(gate.resets_at)}{then}")
    return ", or ".join(ways)


def _who(gate: Gate) -> str:
    if gate.account.tenant_id == SYSTEM:
        return "the system"
    named = gate.account.scope == BUDGET and gate.budget.scope_id
    return f"{gate.budget.scope} {gate.scope_id}" if named else gate.scope_id


def _limit(budget: Budget) -> str:
    return "no limit" if budget.limit is None else f"{render(budget.limit)} USD"


def _when(gate: Gate) -> str:
    return "in this run" if gate.account.period == RUN else f"in {gate.account.period}"
