"""Advice in a decision: the largest output that fits, and a cheaper model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError, ValidationError
from budget_monitor.domain.holds.remaining import fits, remaining
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.rules.budgets import BLOCK
from budget_monitor.domain.rules.wind_down import Rung, below
from budget_monitor.ports import Accounts
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.holds.decision import Decision, Suggestion
from budget_monitor.usecases.holds.largest_output import asked_output, largest_output

_Accounts = Mapping[AccountKey, Account]


class Advice:
    """Advises callers. A suggestion holds nothing: the next reserve decides."""

    def __init__(self, store: Accounts, planner: Planner) -> None:
        self._store = store
        self._planner = planner

    def given(self, plan: Plan, decision: Decision, accounts: _Accounts | None = None) -> Decision:
        """Return the decision with its advice; `accounts`: those that were read for it.

        Only a refusal by a budget with a downgrade ladder reads, and only accounts that the cheaper
        model's budgets add.
        """
        standings = decision.standings
        if standings is None:
            return decision
        most = largest_output(self._planner, plan, remaining(standings))
        decision = decision if most is None else replace(decision, max_output_tokens=most)
        if decision.verdict.action != BLOCK or plan.stopped or accounts is None:
            return decision
        return replace(decision, suggestion=self._suggested(plan, standings, accounts))

    def _suggested(
        self, plan: Plan, standings: Sequence[Standing], accounts: _Accounts
    ) -> Suggestion | None:
        """Return the first model of the refusing budget's ladder that would be granted now."""
        ladders = (one.budget.downgrade for one in standings if not one.allowed)
        ladder = next((one for one in ladders if one), ())
        for rung in below(ladder, plan.labels.model):
            try:
                found = self._tried(plan, rung, accounts)
            except (UnknownPriceError, ValidationError, UnavailableError):
                continue
            if found:
                return found
        return None

    def _tried(self, plan: Plan, rung: Rung, accounts: _Accounts) -> Suggestion | None:
        """Return what would be granted of the request for that model, or None."""
        labels = plan.labels.called(rung.model, rung.provider)
        other = self._planner.billed(replace(plan, labels=labels, bill=None))
        missing = [one for one in other.gated_accounts if one not in accounts]
        known = {**accounts, **(self._store.accounts(missing) if missing else {})}
        standings = standings_of(other.gates, known)
        left, shown = remaining(standings, with_private=True), remaining(standings)
        _, bill = other.priced
        if fits(bill.amounts, left) and not other.policy.is_above_ceiling(bill.amount):
            return Suggestion(rung.model, asked_output(other))
        most = largest_output(self._planner, other, left)
        if most != largest_output(self._planner, other, shown):
            return None  # it would show how much the platform has left
        return Suggestion(rung.model, most) if most else None
