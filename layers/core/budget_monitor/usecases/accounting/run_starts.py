"""Mark runs at their first use with the `block_new` limits that were reached by then."""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.accounting.booking import book
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.rules.budgets import BLOCK_NEW
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.units import NONE_ASKED, Amounts
from budget_monitor.ports import Accounts
from budget_monitor.usecases.accounting.plan import Plan

REMEMBERED = 10_000
"""Maximum of started runs that a process remembers."""

logger = logging.getLogger(__name__)

_Accounts = Mapping[AccountKey, Account]


class Beginnings:
    """Marks the first use of a run under `block_new` budgets. The run's row keeps the first mark.

    Without such a budget nothing is read; otherwise one read at each run's first use.
    """

    def __init__(self, store: Accounts) -> None:
        self._store = store
        self._begun = OrderedDict[AccountKey, None]()

    def of_cost(self, plan: Plan) -> Plan:
        """Return the plan of a cost, with the marks for the rows of runs that begin with it."""
        (marked,) = self.of_costs([(plan, NONE_ASKED)])
        return marked

    def of_costs(self, costs: Sequence[tuple[Plan, Amounts]]) -> list[Plan]:
        """The same for many costs of one tenant: as if they came one after another."""
        return self._marked(costs, {})

    def of_hold(self, plan: Plan, amounts: Amounts, known: _Accounts) -> Plan:
        """The plan of a hold of these amounts likewise; `known`: what was read already.

        Nothing is read if the write of the hold itself proves that no such limit is reached.
        """
        if not plan.policy.blocks_new:
            return plan
        watched = {gate.account for gate in _gates(plan)}
        proven = all(amounts.of(account.unit) > 0 for account in watched) and not plan.ceilings
        if proven and watched <= set(plan.gated_accounts):
            return replace(plan, beginnings=dict.fromkeys(plan.runs, ()))
        return self._marked([(plan, amounts)], known)[0]

    def written(self, plan: Plan, entry: Entry | None = None) -> None:
        """Remember that the plan's runs began, unless the entry is quarantined."""
        if entry is None or not entry.quarantined:
            self._remember(plan.beginnings)

    def _marked(self, costs: Sequence[tuple[Plan, Amounts]], known: _Accounts) -> list[Plan]:
        asked = [run for plan, _ in costs if plan.policy.blocks_new for run in plan.runs]
        runs = [run for run in dict.fromkeys(asked) if run not in self._begun]
        if not runs:
            return [plan for plan, _ in costs]
        gates = _gates(costs[0][0])
        found = self._found([*runs, *(gate.account for gate in gates)], known)
        new = {run for run in runs if not (found and found[run].began)}
        self._remember(run for run in runs if run not in new)
        marks, more = (
            dict[AccountKey, tuple[AccountKey, ...]](),
            defaultdict[AccountKey, Decimal](Decimal),
        )
        for plan, amounts in costs:
            reached = tuple(
                gate.account
                for gate in gates
                if not found or _is_reached(gate, found[gate.account], more[gate.account])
            )
            for run in new.intersection(plan.runs):
                marks.setdefault(run, reached)
            for account in plan.gated_accounts:
                more[account] += amounts.of(account.unit)
        return [
            replace(plan, beginnings={run: marks[run] for run in plan.runs if run in marks})
            for plan, _ in costs
        ]

    def _found(self, wanted: Sequence[AccountKey], known: _Accounts) -> _Accounts | None:
        """Return the accounts; None if they cannot be read: every limit then counts as reached.

        The cost is booked anyway. A run with an unknown start does not count as running.
        """
        missing = [account for account in wanted if account not in known]
        try:
            return {**known, **(self._store.accounts(missing) if missing else {})}
        except UnavailableError:
            logger.exception("limits for new runs cannot be read: they count as reached")
            return None

    def _remember(self, runs: Iterable[AccountKey]) -> None:
        for run in runs:
            self._begun[run] = None
            if len(self._begun) > REMEMBERED:
                self._begun.popitem(last=False)


def _gates(plan: Plan) -> Sequence[Gate]:
    """Return the current `block_new` gates with a limit, for all labels."""
    policy, tenant_id, at = plan.policy, plan.tenant_id, plan.at
    booking = book(policy.calendar, at, at)
    months = (
        *policy.tenant_gates(tenant_id, booking.month, at),
        *policy.system_gates(booking.month, at),
    )
    every = (*policy.windows(tenant_id, None, booking, at), *months)
    return [one for one in every if one.budget.action == BLOCK_NEW and one.budget.limit is not None]


def _is_reached(gate: Gate, account: Account, more: Decimal) -> bool:
    limit = gate.budget.open_limit
    return limit is not None and account.totals.committed + more >= limit
