"""Import costs of months before a tenant's first statement, each into its own month and day.

They move the accounts of their month, day, labels and runs, so that breakdowns, statements and
forecasts see them. No budget is asked and no custom budget counts them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.months.statements import statement_key
from budget_monitor.domain.periods import MONTH, not_ahead
from budget_monitor.domain.rules.rollovers import months_between
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.ports import Clock, Reads
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.costs.record import Record
from budget_monitor.usecases.costs.record_batch import Batches, Result

_AT_ONCE = 100
_MONTHS_BACK = 60
"""How many months before the earliest cost are searched for a statement."""


class Backfilling:
    """The use case of `record_costs` with `backfill`."""

    def __init__(self, store: Reads, planner: Planner, clock: Clock, batches: Batches) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._batches = batches

    def record_costs(
        self, commands: Sequence[Record], key: IdempotencyKey | None = None
    ) -> list[Result]:
        """Return one result per cost, in order. Replays are answered as for other costs.

        Raises ValidationError for a cost without a time or of a month that has not ended,
        ConflictError for a new cost of a month that has a statement or of a later one, and what
        `Batches.record_costs` raises. Nothing is written then.
        """
        tenant_id = commands[0].tenant_id
        self._planner.forget(tenant_id)
        months = self._months(commands, self._planner.policy(tenant_id).calendar)
        self._refuse_closed(commands, months)
        placed = [_placed(command, month) for command, month in zip(commands, months, strict=True)]
        return self._batches.record_costs(placed, key)

    def _months(self, commands: Sequence[Record], calendar: Calendar) -> list[str]:
        now = self._clock.now()
        return [
            _ended_month(one.cost.occurred_at, calendar, now, f"costs[{index}].occurred_at")
            for index, one in enumerate(commands)
        ]

    def _refuse_closed(self, commands: Sequence[Record], months: Sequence[str]) -> None:
        """Raise ConflictError for a cost at or after the first statement, unless it is known."""
        tenant_id = commands[0].tenant_id
        first = self._first_statement(tenant_id, months)
        late = {i: commands[i] for i, month in enumerate(months) if first and month >= first}
        if not late:
            return
        known = self._store.entries(tenant_id, {one.entry_id for one in late.values()})
        for index, command in late.items():
            if command.entry_id not in known:
                field = f"costs[{index}].occurred_at"
                raise ConflictError(
                    f"{field} is not before {first}, the first month with a statement", field
                )

    def _first_statement(self, tenant_id: str, months: Sequence[str]) -> str | None:
        """Return the first month with a statement, up to the latest of these months."""
        year, number = map(int, min(months).split("-"))
        before = year * 12 + number - 1 - _MONTHS_BACK
        start = f"{before // 12:04}-{before % 12 + 1:02}"
        names = [statement_key(tenant_id, one) for one in months_between(start, max(months))]
        for place in range(0, len(names), _AT_ONCE):
            found = self._store.documents(names[place : place + _AT_ONCE])
            if found:
                return min(one.name for one in found)
        return None


def _placed(command: Record, month: str) -> Record:
    """Return the order, to be written only while its month has no statement."""
    return replace(command, backfill=True, counts_on={statement_key(command.tenant_id, month): 0})


def _ended_month(
    occurred_at: datetime | None, calendar: Calendar, now: datetime, field: str
) -> str:
    """Return the month of the cost. Raises ValidationError unless it has ended."""
    if occurred_at is None:
        raise ValidationError(f"{field} is required in a backfill", field)
    not_ahead(occurred_at, now, field)
    month = calendar.name(MONTH, occurred_at)
    if month >= calendar.name(MONTH, now):
        raise ValidationError(
            f"{field} is in {month}, which has not ended: record it without backfill", field
        )
    return month
