"""Calendars: names and ends of a tenant's periods, in its time zone."""

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import (
    DAY,
    HOUR,
    MINUTE,
    MONTH,
    QUARTER,
    TOTAL,
    WEEK,
    YEAR,
    days_of,
    last_month_of,
    period_of_month,
    zone_of,
)
from budget_monitor.domain.values import dataclass

MAX_FIRST_DAY = 28
"""The largest day that every month has."""
_MINUTE = timedelta(minutes=1)
_MONTH_BACK = timedelta(days=28)
"""Enough to get from any of the days 1 to 27 into the month before."""
_QUARTER, _EPOCH = timedelta(minutes=15), datetime(1970, 1, 1, tzinfo=UTC)
"""In every time zone, periods begin on a quarter of an hour."""
_LONGEST = {HOUR: 2, DAY: 51, WEEK: 219, MONTH: 1539}
"""The longest that a period can last, in hours, including changes of the time zone."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods of a tenant: in its first time zone, and in later ones from given instants."""

    zone: str = "UTC"
    changes: tuple[tuple[datetime, str], ...] = ()
    """Later zones, each with the moment that it holds from, the oldest first."""
    first_day: int = 1
    """The day on which months begin; a month has the name of the one that it begins in."""
    day_changes: tuple[tuple[datetime, int], ...] = ()
    """Later such days, each with the moment that it holds from, the oldest first."""

    def zone_at(self, moment: datetime) -> str:
        """Return the IANA time zone at that instant."""
        zone = self.zone
        for since, later in self.changes:
            if since <= moment:
                zone = later
        return zone

    def first_day_at(self, moment: datetime) -> int:
        """The day on which months begin at that moment."""
        day = self.first_day
        for since, later in self.day_changes:
            if since <= moment:
                day = later
        return day

    @property
    def is_fiscal(self) -> bool:
        """True if any of its months begins on another day than the first."""
        return self.first_day != 1 or bool(self.day_changes)

    def name(self, kind: str, moment: datetime) -> str:
        """Return the name of the period: `2026-11`, `2026-W47`, `2026-11-22`, `2026-11-22T10+0000`.

        Also `2026-11-22T10:05+0000`, `2026-Q4`, `2026`, and `total`. Hours and minutes have their
        offset in their names, so that an hour that daylight saving repeats has two names.
        """
        if kind in {QUARTER, YEAR, TOTAL}:
            return period_of_month(kind, self.name(MONTH, moment))
        local = moment.astimezone(zone_of(self.zone_at(moment)))
        if kind == MONTH:
            into = local if local.day >= self.first_day_at(moment) else local - _MONTH_BACK
            return f"{into.year:04}-{into.month:02}"
        if kind == DAY:
            return f"{local.year:04}-{local.month:02}-{local.day:02}"
        if kind == WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        return local.strftime("%Y-%m-%dT%H:%M%z" if kind == MINUTE else "%Y-%m-%dT%H%z")

    def end(self, kind: str, moment: datetime) -> datetime:
        """The first moment after the period at `moment`, in UTC. `total` has none."""
        if kind == MINUTE:
            return (moment + _MINUTE).astimezone(UTC).replace(second=0, microsecond=0)
        if kind in {QUARTER, YEAR}:
            return self.month_end(last_month_of(kind, self.name(MONTH, moment)))
        return self._end(kind, (moment - _EPOCH) // _QUARTER)

    @lru_cache(maxsize=1024)  # noqa: B019 - calendars are few
    def _end(self, kind: str, quarter: int) -> datetime:
        """The end of the period that contains this quarter of an hour."""
        name = self.name(kind, _EPOCH + quarter * _QUARTER)

        def over(later: int) -> bool:
            return self.name(kind, _EPOCH + later * _QUARTER) != name

        quarters = range(quarter + 1, quarter + 1 + _LONGEST[kind] * 4)
        return _EPOCH + quarters[bisect_left(quarters, 1, key=over)] * _QUARTER

    @lru_cache(maxsize=256)  # noqa: B019 - calendars and open months are few
    def month_end(self, month: str) -> datetime:
        """The first moment after the month of this name, in UTC."""
        return self.end(MONTH, self._evening(f"{month}-28"))

    def days(self, month: str) -> list[str]:
        """The names of all days of the month, in order."""
        days = days_of(month)
        if not self.is_fiscal:
            return days
        days += days_of((date.fromisoformat(days[-1]) + timedelta(days=1)).strftime("%Y-%m"))
        return [day for day in days if self.name(MONTH, self._evening(day)) == month]

    def month_of_day(self, day: str) -> str:
        """The month that a day is part of."""
        return self.name(MONTH, self._evening(day)) if self.is_fiscal else day[:7]

    def _evening(self, day: str) -> datetime:
        """The last minute of a day, which is in it even if a move of the zone made it shorter.

        Every month has a day 28, so any month's name gives one.
        """
        last = datetime.fromisoformat(f"{day}T23:59:00")
        return last.replace(tzinfo=zone_of(self.zone_at(last.replace(tzinfo=UTC))))

    def moved(self, zone: str, now: datetime) -> "Calendar":
        """Return the calendar with another time zone from the next month on.

        Raises ValidationError if the zone is so far behind that a day would repeat.
        """
        kept = tuple(change for change in self.changes if change[0] <= now)
        present = replace(self, changes=kept)
        if zone == self.zone_at(now):
            return present
        start = present.end(MONTH, now)
        ahead = (
            start.astimezone(zone_of(one)).utcoffset() or timedelta()
            for one in (self.zone_at(now), zone)
        )
        if next(ahead) - next(ahead) > timedelta(days=1):
            raise ValidationError(f"time_zone {zone} is more than a day behind", "time_zone")
        return replace(self, changes=(*kept, (start, zone)))

    def starting(self, day: int, now: datetime) -> "Calendar":
        """The calendar whose months begin on that day, from the end of the present month on.

        The month that the day falls short of goes on until it: no day is without a month.
        """
        kept = tuple(change for change in self.day_changes if change[0] <= now)
        present = replace(self, day_changes=kept)
        if day == self.first_day_at(now):
            return present
        return replace(self, day_changes=(*kept, (present.end(MONTH, now), day)))
