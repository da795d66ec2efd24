"""Standings: a gate with its account, and the effect of a request for an amount."""

from collections.abc import Mapping, Sequence
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
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import MONTH, RUN
from budget_monitor.domain.rules.budgets import (
    ALERT,
    BLOCK_NEW,
    SHADOW,
    Budget,
)
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.units import NONE_ASKED, USD, Amounts, words
from budget_monitor.domain.values import dataclass

_NEARING = Decimal("0.8")
_SCARCE, _REQUESTS = Decimal("0.1"), 20


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
        """True if spent + held + asked is at most the limit."""
        limit = self.gate.usable_limit
        return limit is None or self.projected <= limit

    @property
    def fits_without_holds(self) -> bool:
        """True if it would fit if nothing were held."""
        limit = self.gate.usable_limit
        return limit is None or self.totals.spent + self.asked <= limit

    @property
    def allowed(self) -> bool:
        """True if this gate lets the request pass. Only an enforced gate can refuse."""
        return self.fits or not self.can_refuse

    @property
    def can_refuse(self) -> bool:
        """True if it refuses what does not fit."""
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
        """True if it is a month's gate in USD: late costs of closed months count there."""
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
        """True if less than a tenth, or than 20 such requests, is left: then no copy may decide."""
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
            f"Nearing {self.budget.budget_id}: {who(self.gate)} spent "
            f"{words(self.gate.unit, self.totals.spent)} of {limit_of(self.gate)} {when(self.gate)}"
        )


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


def who(gate: Gate) -> str:
    """Return whose money it is, in words."""
    if gate.account.tenant_id == SYSTEM:
        return "the system"
    of_run = gate.account.period == RUN
    named = gate.account.scope == BUDGET and gate.budget.scope_id and not of_run
    return f"{gate.budget.scope} {gate.scope_id}" if named else gate.scope_id


def limit_of(gate: Gate) -> str:
    """Return the limit with its unit, in words."""
    limit = gate.budget.limit
    return "no limit" if limit is None else words(gate.unit, limit)


def when(gate: Gate) -> str:
    """Return the period, in words."""
    return "in this run" if gate.account.period == RUN else f"in {gate.account.period}"
