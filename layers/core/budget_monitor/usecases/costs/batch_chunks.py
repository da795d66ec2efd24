"""Costs of a batch that are written together: what each weighs, and their one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.transactions import Transaction
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.postings import opening, summed
from budget_monitor.usecases.costs.record import Record, cost_transaction


@dataclass(frozen=True, slots=True)
class Ready:
    """A cost of a batch with its plan and its entry, ready to be written."""

    index: int
    order: Record
    plan: Plan
    entry: Entry

    @property
    def accounts(self) -> set[AccountKey]:
        """The accounts that are written with it."""
        return set(self.entry.moved or opening(self.entry, self.plan))

    @property
    def weight(self) -> int:
        """More bytes than the entry's row has: its labels stand in it several times."""
        return 4000 + 4 * len(json.dumps(self.entry.request))


def facts(chunk: Sequence[Ready]) -> int:
    """The items of the chunk's transaction that are no moves: more for what is quarantined."""
    apart = sum(1 for one in chunk if one.entry.quarantined)
    return len(chunk) + (apart + 2 if apart else 0)


def whole(chunk: Sequence[Ready]) -> Transaction:
    """One transaction for the chunk: every entry, and one summed move an account."""
    booked = [cost_transaction(one.entry, one.plan, {}) for one in chunk]
    return Transaction(
        postings=summed((one.entry, one.plan) for one in chunk),
        entries=tuple(one.entry for one in chunk),
        alerts=tuple(alert for one in booked for alert in one.alerts),
        counts_on={name: version for one in booked for name, version in one.counts_on.items()},
    )
