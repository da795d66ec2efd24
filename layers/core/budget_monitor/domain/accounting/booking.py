"""The month and day that a cost is booked in: its own while that is open, else the present one."""

from datetime import datetime, timedelta

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.periods import DAY, MONTH, Booking, day_of

GRACE = timedelta(hours=72)
"""Late costs are booked in their month for this long after its end."""


def book(calendar: Calendar, occurred_at: datetime, now: datetime) -> Booking:
    """Return where a cost of `occurred_at` is booked.

    - In its own month, if that is open or ended less than 72 hours ago.
    - Otherwise in the current month and day, marked late.
    """
    own = in_own_month(calendar, occurred_at)
    if own.month >= calendar.name(MONTH, now) or now < calendar.end(MONTH, occurred_at) + GRACE:
        return own
    return _late(calendar, occurred_at, now)


def in_own_month(calendar: Calendar, occurred_at: datetime, *, backfill: bool = False) -> Booking:
    """Return the booking of a cost in its own month and day, whether or not that is over."""
    day = day_of(occurred_at, calendar.zone_at(occurred_at))
    month = calendar.name(MONTH, occurred_at)
    return Booking(month, day, moment=occurred_at, backfill=backfill).of(occurred_at)


def correct(calendar: Calendar, booking: Booking, occurred_at: datetime, now: datetime) -> Booking:
    """Return where an adjustment of a cost is booked; `booking` is the cost's own.

    - In the same place, if the month of that booking is open or ended less than 72 hours ago,
      or if the cost was backfilled: a refund of what no budget counted must free no budget.
    - Otherwise in the current month and day, marked late.
    """
    if booking.backfill or now < calendar.month_end(booking.month) + GRACE:
        return booking
    return _late(calendar, occurred_at, now)


def _late(calendar: Calendar, occurred_at: datetime, now: datetime) -> Booking:
    booking = Booking(calendar.name(MONTH, now), calendar.name(DAY, now), late=True, moment=now)
    return booking.of(occurred_at)
