"""What became of the costs of a batch."""

from dataclasses import dataclass, replace

from budget_monitor.domain.errors import BudgetMonitorError
from budget_monitor.domain.ledger import Entry
from budget_monitor.domain.requests import refuse_other_content
from budget_monitor.usecases.recording import Record


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one cost of a batch: its entry, or why there is none."""

    entry: Entry | None = None
    error: BudgetMonitorError | None = None
    replayed: bool = False


def known_result(entry: Entry, order: Record) -> Result:
    """The result of a cost that was booked before. Raises IdempotencyMismatchError."""
    refuse_other_content(entry.request, order.cost.request, "entry_id")
    return Result(entry, replayed=True)


def written_result(entry: Entry, order: Record) -> Result:
    """The result of a cost whose entry stands, unless the id is another content's."""
    booked = booked_result(entry, order)
    return replace(booked, replayed=False) if booked.entry else booked


def booked_result(entry: Entry, order: Record) -> Result:
    """The result of a cost that was booked before, unless the id is another content's."""
    try:
        return known_result(entry, order)
    except BudgetMonitorError as fault:
        return Result(error=fault)
