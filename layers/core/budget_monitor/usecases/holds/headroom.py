"""How much a run has left: what its gates would still grant, by a strong read."""

from collections.abc import Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.units import NONE_ASKED
from budget_monitor.ports import Accounts
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.decision import Decision
from budget_monitor.usecases.holds.judge import decided


class Headroom:
    """The use case of `headroom`. It asks for nothing and changes nothing."""

    def __init__(self, store: Accounts, planner: Planner) -> None:
        self._store = store
        self._planner = planner

    def left(self, tenant_id: str, labels: Labels, *, wrap_up: bool) -> Decision:
        """Return the gates of these labels as they are now, with one read, as for a check.

        Raises ValidationError for a bad parent, ConflictError for a run of another workflow.
        """
        plan, accounts = self.placed(tenant_id, labels, wrap_up=wrap_up)
        return decided(plan, accounts, NONE_ASKED)

    def placed(
        self, tenant_id: str, labels: Labels, *, wrap_up: bool = False
    ) -> tuple[Plan, Mapping[AccountKey, Account]]:
        """Return the plan of a request with these labels, and its accounts as they are now."""
        plan = replace(self._planner.plan(tenant_id, labels), wrap_up=wrap_up)
        accounts = dict[AccountKey, Account]()
        for _ in range(MAX_ROUNDS):
            accounts |= self._store.accounts(plan.gated_accounts)
            plan = self._planner.follow(plan, accounts)
            if accounts.keys() >= set(plan.gated_accounts):
                return plan, accounts
        raise too_many_rounds()
