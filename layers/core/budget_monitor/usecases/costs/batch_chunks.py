"""Chunks of a batch: the size of each cost, and one transaction per chunk."""

import json
from collections.abc import Sequence

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.values import dataclass
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.postings import opening, summed
from budget_monitor.usecases.costs.record import Record, cost_transaction


@dataclass(frozen=True, slots=True)
class Ready:
    """A cost of a batch with its plan and its entry, ready to write."""

    index: int
    command: Record
    plan: Plan
    entry: Entry

    @property
    def accounts(self) -> set[AccountKey]:
        """Return the accounts that are written with the cost."""
        return set(self.entry.moved or opening(self.entry, self.plan))

    @property
    def weight(self) -> int:
        """Return an upper bound of the row's size in bytes: it stores the labels several times."""
        return 4000 + 4 * len(json.dumps(self.entry.request))


def facts(chunk: Sequence[Ready]) -> int:
    """Return how many transaction items are not moves. Quarantined costs need extra items."""
    apart = sum(1 for one in chunk if one.entry.quarantined)
    counted_on = {name for one in chunk for name in one.command.counts_on}
    return len(chunk) + len(counted_on) + (apart + 2 if apart else 0)


def whole(chunk: Sequence[Ready]) -> Transaction:
    """Return one transaction for the chunk: all entries, and one summed move per account."""
    booked = [cost_transaction(one.entry, one.plan, {}) for one in chunk]
    counts_on = [*(one.counts_on for one in booked), *(one.command.counts_on for one in chunk)]
    return Transaction(
        postings=summed((one.entry, one.plan) for one in chunk),
        entries=tuple(one.entry for one in chunk),
        alerts=tuple(alert for one in booked for alert in one.alerts),
        counts_on={name: version for one in counts_on for name, version in one.items()},
    )
