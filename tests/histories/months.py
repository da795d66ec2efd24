"""The oracle's calendar: which month and day a cost is booked in, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

GRACE = timedelta(hours=72)
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class Place:
    """Where a cost is booked; `happened_on` only where that is another day."""

    month: str
    day: str
    late: bool
    happened_on: str | None

    def of(self, moment: datetime) -> Place:
        day = f"{moment:%Y-%m-%d}"
        return Place(self.month, self.day, self.late, None if day == self.day else day)


def end_of_month(moment: datetime) -> datetime:
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = first.year * 12 + first.month  # months are counted from 0, so this is the next one
    return first.replace(year=months // 12, month=months % 12 + 1)


def place(occurred_at: datetime, now: datetime) -> Place:
    late = now >= end_of_month(occurred_at) + GRACE
    booked = now if late else occurred_at
    return Place(f"{booked:%Y-%m}", f"{booked:%Y-%m-%d}", late, None).of(occurred_at)
