"""Calendars: the names and edges of a tenant's periods, in its time zone."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import (
    DAY,
    GRACE,
    HOUR,
    MONTH,
    TOTAL,
    WEEK,
    Booking,
    day_of,
    month_of,
)

_QUARTER = timedelta(minutes=15)
"""Every period of every zone begins on a quarter of an hour."""
_LONGEST = {HOUR: 2, DAY: 51, WEEK: 219, MONTH: 795}
"""Hours that a period may last, a change of the zone in its midst included."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods of a tenant: those of its first zone, and of others from given moments on."""

    zone: str = "UTC"
    changes: tuple[tuple[datetime, str], ...] = ()
    """Later zones, each with the moment that it holds from, the oldest first."""

    def zone_at(self, moment: datetime) -> str:
        """The IANA time zone at that moment."""
        zone = self.zone
        for since, later in self.changes:
            if since <= moment:
                zone = later
        return zone

    def name(self, kind: str, moment: datetime) -> str:
        """The period at that moment: `2026-11`, `2026-W47`, `2026-11-22`, `2026-11-22T10+0000`.

        An hour has its offset in its name, so that one that daylight saving repeats is told from
        the first.
        """
        if kind == TOTAL:
            return TOTAL
        local = moment.astimezone(ZoneInfo(self.zone_at(moment)))
        if kind == MONTH:
            return local.strftime("%Y-%m")
        if kind == DAY:
            return local.strftime("%Y-%m-%d")
        if kind == WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        return local.strftime("%Y-%m-%dT%H%z")

    def end(self, kind: str, moment: datetime) -> datetime:
        """The first moment after the period at `moment`, in UTC."""
        name, epoch = self.name(kind, moment), datetime(1970, 1, 1, tzinfo=UTC)
        first = (moment - epoch) // _QUARTER + 1

        def over(quarter: int) -> bool:
            return self.name(kind, epoch + quarter * _QUARTER) != name

        quarters = range(first, first + _LONGEST[kind] * 4)
        return epoch + quarters[bisect_left(quarters, 1, key=over)] * _QUARTER

    def month_end(self, month: str) -> datetime:
        """The first moment after the month of this name, in UTC."""
        return self.end(MONTH, datetime.fromisoformat(f"{month}-15T12:00:00+00:00"))

    def moved(self, zone: str, now: datetime) -> "Calendar":
        """The calendar whose next month, and all after it, is in another zone.

        Raises ValidationError for a zone so far behind that a day would come twice.
        """
        kept = tuple(change for change in self.changes if change[0] <= now)
        present = Calendar(self.zone, kept)
        if zone == self.zone_at(now):
            return present
        start = present.end(MONTH, now)
        ahead = (
            start.astimezone(ZoneInfo(one)).utcoffset() or timedelta()
            for one in (self.zone_at(now), zone)
        )
        if next(ahead) - next(ahead) > timedelta(days=1):
            raise ValidationError(f"time_zone {zone} is more than a day behind", "time_zone")
        return Calendar(self.zone, (*kept, (start, zone)))

    def book(self, occurred_at: datetime, now: datetime) -> Booking:
        """Where a cost of `occurred_at` is booked, seen from `now`.

        Its own month while that is open or ended less than 72 hours ago; else the present month
        and day, marked late.
        """
        zone = self.zone_at(occurred_at)
        month = month_of(occurred_at, zone)
        if month >= self.name(MONTH, now) or now < self.end(MONTH, occurred_at) + GRACE:
            booking = Booking(month, day_of(occurred_at, zone), moment=occurred_at)
            return booking.of(occurred_at)
        return self._late(occurred_at, now)

    def correct(self, booking: Booking, occurred_at: datetime, now: datetime) -> Booking:
        """Where a correction is booked of a cost that `booking` says the place of.

        At the same place while the month that the cost was booked in is open or ended less than
        72 hours ago; else in the present month and day, marked late.
        """
        if now < self.month_end(booking.month) + GRACE:
            return booking
        return self._late(occurred_at, now)

    def _late(self, occurred_at: datetime, now: datetime) -> Booking:
        booking = Booking(self.name(MONTH, now), self.name(DAY, now), late=True, moment=now)
        return booking.of(occurred_at)
