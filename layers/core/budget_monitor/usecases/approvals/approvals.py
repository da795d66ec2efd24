"""The use cases of requests for more limit, put together."""

from dataclasses import dataclass

from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.approvals.ask import Asking
from budget_monitor.usecases.approvals.decide import Deciding
from budget_monitor.usecases.approvals.due import DueRequests
from budget_monitor.usecases.approvals.stored import StoredRequests
from budget_monitor.usecases.holds.headroom import Headroom
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.rulebook import Rulebook
from budget_monitor.usecases.workflows.pause import Pausing


@dataclass(frozen=True, slots=True)
class Approvals:
    """Ask for more limit, approve or deny, and read the requests."""

    store: Store
    clock: Clock
    planner: Planner
    rulebook: Rulebook
    budgeting: Budgeting
    pausing: Pausing
    four_eyes: bool
    """True if people may not approve their own requests."""

    @property
    def stored(self) -> StoredRequests:
        """The stored requests."""
        return StoredRequests(self.store, self.clock)

    @property
    def asking(self) -> Asking:
        """The use case of `request_raise`."""
        headroom = Headroom(self.store, self.planner)
        return Asking(self.store, headroom, self.stored, four_eyes=self.four_eyes)

    @property
    def deciding(self) -> Deciding:
        """The use cases `approve` and `deny`."""
        return Deciding(
            self.store,
            self.stored,
            self.rulebook,
            self.budgeting,
            self.pausing,
            self.four_eyes,
        )

    @property
    def due(self) -> DueRequests:
        """The part of the job `wake` that handles requests."""
        return DueRequests(self.store, self.stored, self.rulebook, self.deciding)
