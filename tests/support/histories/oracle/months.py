"""The oracle's calendar: the month and day in which a cost is booked, in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

GRACE = timedelta(hours=72)
AHEAD = timedelta(minutes=5)
SHORT = ("minute", "hour", "day", "week")


@dataclass(frozen=True)
class Place:
    """The booking of a cost. `happened_on` is set only if that is another day."""

    month: str
    day: str
    late: bool
    happened_on: str | None
    moment: datetime = field(compare=False)
    """A moment in the hour, day and week that it counts in."""

    def of(self, moment: datetime) -> Place:
        day = f"{moment:%Y-%m-%d}"
        return replace(self, happened_on=None if day == self.day else day)

    def period(self, kind: str) -> str:
        """Return the period of the given kind in which it counts."""
        if kind == "month":
            return self.month
        if kind in {"quarter", "year", "total"}:
            year, month = map(int, self.month.split("-"))
            return {"quarter": f"{year}-Q{(month - 1) // 3 + 1}", "year": f"{year}"}.get(kind, kind)
        if kind == "minute":
            return f"{self.moment:%Y-%m-%dT%H:%M+0000}"
        if kind == "week":
            year, week, _ = self.moment.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.moment:%Y-%m-%d}" if kind == "day" else f"{self.moment:%Y-%m-%dT%H+0000}"


def end_of_month(moment: datetime) -> datetime:
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = first.year * 12 + first.month  # months are counted from 0, so this is the next one
    return first.replace(year=months // 12, month=months % 12 + 1)


def place(occurred_at: datetime, now: datetime) -> Place:
    """Return the booking of a cost now: in its own month, or late in the current one."""
    if is_closed(f"{occurred_at:%Y-%m}", now):
        return late_place(occurred_at, now)
    return _at(occurred_at, late=False)


def late_place(occurred_at: datetime, now: datetime) -> Place:
    """Return the booking of a late cost for a closed month."""
    return _at(now, late=True).of(occurred_at)


def _at(moment: datetime, *, late: bool) -> Place:
    return Place(f"{moment:%Y-%m}", f"{moment:%Y-%m-%d}", late, None, moment)


def is_closed(month: str, now: datetime) -> bool:
    """True if the month is closed: it ended 72 hours ago."""
    year, number = map(int, month.split("-"))
    return now >= end_of_month(datetime(year, number, 1, tzinfo=UTC)) + GRACE
