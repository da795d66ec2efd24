"""Judge a request by its accounts' counters; free expired holds that are in its way."""

from collections.abc import Mapping

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.errors import TooManyHoldsError, UnavailableError
from budget_monitor.domain.holds.decisions import judge
from budget_monitor.domain.holds.standing import standings_of
from budget_monitor.domain.rules.gates import GateId
from budget_monitor.domain.units import Amounts
from budget_monitor.ports import Origin
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.holds.decision import Decision
from budget_monitor.usecases.holds.expire import Sweeping
from budget_monitor.usecases.holds.recent_refusals import Refusals, waits_for_holds


def decided(plan: Plan, accounts: Mapping[AccountKey, Account], asked: Amounts) -> Decision:
    """Return the decision about these amounts. Raises UnavailableError if it is unknown."""
    refuse_damage(plan)
    standings = standings_of(plan.gates, accounts, asked)
    policy, late = plan.policy, accounts.get(plan.late)  # read only for refusals
    verdict = judge(standings, policy.suspended, plan.terms.pause, late, policy.entry_ceiling)
    pause_id = plan.terms.pause or None
    status = plan.status_in(standings)
    return Decision(
        verdict, Origin(plan.at), standings, status, pause_id=pause_id, matched=plan.matched
    )


def refuse_damage(plan: Plan) -> None:
    """Raise UnavailableError if the plan's rules are unknown: nothing is granted then."""
    if plan.policy.damaged:
        raise UnavailableError("the tenant's policy is damaged and grants nothing until it is set")
    if plan.policy.doubtful:
        raise UnavailableError(
            "the tenant's policy cannot be read, and the one known here is of an earlier month"
        )
    if plan.skip_lineage_check:
        raise UnavailableError("what the execution belongs to is damaged, so it takes no holds")


def passing_gates(decision: Decision) -> frozenset[GateId]:
    """Return the gates that let the request pass although it does not fit."""
    standings = decision.standings or ()
    return frozenset(one.gate.id for one in standings if one.allowed and not one.fits)


class Room:
    """Frees expired holds that are in the way of a request."""

    def __init__(self, sweeping: Sweeping, refusals: Refusals) -> None:
        self._sweeping = sweeping
        self._refusals = refusals

    def made(
        self, plan: Plan, decision: Decision, accounts: Mapping[AccountKey, Account], *, swept: bool
    ) -> bool:
        """Return True if expired holds were freed and the request must be judged again.

        `swept`: this was already done for the refused request; it is done only once. Raises
        TooManyHoldsError if budgets allow the request but the tenant has its maximum of open
        reservations.
        """
        if decision.verdict.allowed:
            return self._for_one_more(plan, accounts)
        return not swept and self._in_its_way(plan, decision)

    def _in_its_way(self, plan: Plan, decision: Decision) -> bool:
        """Return True if expired holds of the refusing accounts were freed.

        They are looked for only where the request would fit without any holds, and at most once a
        second if none is found.
        """
        if plan.stopped or not waits_for_holds(decision) or not self._refusals.may_sweep(plan):
            return False
        full = {one.gate.account for one in decision.standings or () if not one.allowed}
        freed = self._sweeping.clear(plan.tenant_id, full) > 0
        if not freed:
            self._refusals.swept_in_vain(plan)
        return freed

    def _for_one_more(self, plan: Plan, accounts: Mapping[AccountKey, Account]) -> bool:
        """Return True if the tenant had its maximum of holds and expired ones were freed."""
        month, most = accounts[plan.tenant_month], plan.policy.max_holds
        if month.totals.holds < most:
            return False
        if not self._sweeping.clear(plan.tenant_id, {month.key}):
            raise TooManyHoldsError(
                f"{plan.tenant_id} has {month.totals.holds} open reservations of at most {most}: "
                "settle or release some first"
            )
        return True
