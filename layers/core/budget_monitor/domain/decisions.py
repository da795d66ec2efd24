"""Decisions: whether a request fits its gates, with the reason and the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budget_monitor.domain.accounts import (
    EXECUTION,
    SYSTEM_SCOPE,
    TENANT,
    WORKFLOW,
    Account,
    AccountKey,
    Move,
)
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.policy import ALLOW, BLOCK, ENFORCE, PAUSE, Budget, Gate

_NEARING = Decimal("0.8")
_CODES = {
    EXECUTION: ("EXECUTION_EXCEEDED", "Execution budget exceeded"),
    WORKFLOW: ("WORKFLOW_EXCEEDED", "Workflow budget exceeded"),
    TENANT: ("TENANT_MONTH_EXCEEDED", "Monthly budget exceeded"),
    SYSTEM_SCOPE: ("SYSTEM_MONTH_EXCEEDED", "System-wide budget exceeded"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate with what its account holds now and what is asked of it. Amounts in USD."""

    gate: Gate
    totals: Move
    asked: Decimal = ZERO

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
        return self.fits or self.budget.enforcement != ENFORCE

    @property
    def exceeded(self) -> bool:
        """The present alone: spent is above the limit."""
        return self.budget.limit is not None and self.totals.spent > self.budget.limit

    @property
    def nearing(self) -> bool:
        """The present alone: spent is above 80 % of the limit."""
        return self.budget.limit is not None and self.totals.spent > self.budget.limit * _NEARING

    @property
    def warning(self) -> str | None:
        """What to tell the caller while there is still time, or None."""
        if not self.nearing:
            return None
        return (
            f"Nearing {self.budget.budget_id}: {_who(self.gate.account)} spent "
            f"{render(self.totals.spent)} USD of {_limit(self.budget)} {_when(self.gate.account)}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allow, block or pause, and why."""

    action: str
    reason_code: str | None
    reason: str | None

    @property
    def allowed(self) -> bool:
        """Whether the run may spend."""
        return self.action == ALLOW


ALLOWED = Verdict(ALLOW, None, None)


def stand(
    gates: Sequence[Gate], accounts: Mapping[AccountKey, Account], asked: Decimal = ZERO
) -> tuple[Standing, ...]:
    """Every gate beside its account, in the gates' order."""
    return tuple(Standing(gate, accounts[gate.account].totals, asked) for gate in gates)


def judge(standings: Sequence[Standing]) -> Verdict:
    """The decision of the narrowest gate that refuses, or that all of them allow.

    The same rule as the condition of the write that takes a hold; it stands here once more for
    the words of the answer.
    """
    for standing in standings:
        if not standing.allowed:
            return _refusal(standing, standings)
    return ALLOWED


def _refusal(standing: Standing, standings: Sequence[Standing]) -> Verdict:
    code, opening = _CODES[standing.gate.account.scope]
    in_workflow = any(other.gate.account.scope == WORKFLOW for other in standings)
    pauses = standing.budget.action == PAUSE and in_workflow
    totals, account = standing.totals, standing.gate.account
    reason = (
        f"{opening}: {_who(account)} spent {render(totals.spent)} USD and holds "
        f"{render(totals.held)} USD of {_limit(standing.budget)} {_when(account)}; "
        f"{render(standing.asked)} USD more would make {render(standing.projected)} USD"
    )
    return Verdict(PAUSE if pauses else BLOCK, code, reason)


def _who(account: AccountKey) -> str:
    return "the system" if account.scope == SYSTEM_SCOPE else account.scope_id


def _limit(budget: Budget) -> str:
    return "no limit" if budget.limit is None else f"{render(budget.limit)} USD"


def _when(account: AccountKey) -> str:
    return f"in {account.period}" if account.scope in {TENANT, SYSTEM_SCOPE} else "in this run"
