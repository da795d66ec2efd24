"""List the statements of closed months, latest first."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE
from budget_monitor.domain.months.statements import statement_key
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.ports import Clock, Documents

MAX_MONTHS = 60
"""How many months back are read if no month is named."""
_AT_ONCE = 10
_ANSWER_BYTES = 4_000_000

Position = tuple[str, int]
"""A month and the number of one of its statements."""


@dataclass(frozen=True, slots=True)
class StatementsPage:
    """Statements, latest month and number first; `resume_after` is None on the last page."""

    items: Sequence[Request]
    resume_after: Position | None = None


class Statements:
    """Reads statements by month name. No index is needed."""

    def __init__(self, store: Documents, clock: Clock, *, hides_system: bool = False) -> None:
        """`hides_system`: tenants do not see the limits of the system's budgets."""
        self._store = store
        self._clock = clock
        self._hides_system = hides_system

    def of(
        self, tenant_id: str, month: str | None, most: int, after: Position | None
    ) -> StatementsPage:
        """Return up to `most` statements of one month, or of the last 60, after a position."""
        months = [month] if month else self._months()
        wanted = self._positions(tenant_id, months)
        if after is not None:
            wanted = [one for one in wanted if one < after]
        found, weight = list[Request](), 0
        for statement in self._read(tenant_id, wanted[:most]):
            weight += len(json.dumps(statement))
            if weight > _ANSWER_BYTES and found:
                break
            found.append(statement)
        more = len(found) < len(wanted)
        return StatementsPage(found, wanted[len(found) - 1] if more else None)

    def _positions(self, tenant_id: str, months: Sequence[str]) -> list[Position]:
        """Return the position of every statement of these months, latest first."""
        stored = self._store.documents([statement_key(tenant_id, one) for one in months])
        numbers = {name.name: document.version for name, document in stored.items()}
        return [
            (month, number)
            for month in sorted(numbers, reverse=True)
            for number in range(numbers[month], 0, -1)
        ]

    def _read(self, tenant_id: str, wanted: Sequence[Position]) -> Iterator[Request]:
        for month, numbers in _by_month(wanted):
            for start in range(0, len(numbers), _AT_ONCE):
                part = numbers[start : start + _AT_ONCE]
                found = self._store.changes(statement_key(tenant_id, month), part)
                hides = self._hides_system and tenant_id != SYSTEM
                yield from (map(_without_system_limits, found) if hides else found)

    def _months(self) -> list[str]:
        """Return the current month and the months before it."""
        year, month = map(int, UTC_CALENDAR.name(MONTH, self._clock.now()).split("-"))
        last = year * 12 + month - 1
        return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(last, last - MAX_MONTHS, -1)]


def _without_system_limits(told: Request) -> Request:
    budgets = [
        _without_limits(one) if one["scope"] == SYSTEM_SCOPE else one for one in told["budgets"]
    ]
    return {**told, "budgets": budgets}


def _without_limits(budget: Request) -> Request:
    limits = dict.fromkeys(name for name in budget if name.startswith("limit_"))
    return {**budget, **limits, "raises": []}


def _by_month(wanted: Sequence[Position]) -> list[tuple[str, list[int]]]:
    months: dict[str, list[int]] = {}
    for month, number in wanted:
        months.setdefault(month, []).append(number)
    return list(months.items())
