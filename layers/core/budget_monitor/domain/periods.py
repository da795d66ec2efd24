"""Periods and instants: half-open intervals with a name, in a tenant's time zone."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from budget_monitor.domain.errors import ValidationError

RUN, HOUR, DAY, WEEK, MONTH = "run", "hour", "day", "week", "month"
TOTAL = "total"
"""A lifetime: the one period that never ends."""
GRACE = timedelta(hours=72)
"""A month takes costs that come late for this long after its end."""
SHORT = frozenset({HOUR, DAY, WEEK})
"""Periods that limit a pace: what comes late for a closed month does not count in them."""
AHEAD = timedelta(minutes=5)
"""How far a caller's clock may run ahead of ours."""

_FIRST_YEAR, _LAST_YEAR = 1970, 9990
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Booking:
    """The month and day that a cost is booked in, in the tenant's time zone.

    `late` where its own month was closed. `happened_on` is the UTC day on which it happened,
    where that is not the booked day: late, or in another zone.
    """

    month: str
    day: str
    late: bool = False
    happened_on: str | None = None
    moment: datetime | None = field(default=None, compare=False)
    """The moment whose hour, day, week and month it is booked in."""

    def of(self, occurred_at: datetime) -> "Booking":
        """The same booking for what happened at that moment."""
        day = day_of(occurred_at, "UTC")
        return replace(self, happened_on=None if day == self.day else day)


def month_of(moment: datetime, time_zone: str) -> str:
    """The name of the month at `moment`: `2026-11`."""
    return moment.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m")


def day_of(moment: datetime, time_zone: str) -> str:
    """The name of the day at `moment`: `2026-11-22`."""
    return moment.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d")


def month_end(month: str, time_zone: str) -> datetime:
    """The first instant after the month, in UTC."""
    # From the first day, 31 days reach into the next month whatever the month's length.
    following = date.fromisoformat(f"{month}-01") + timedelta(days=31)
    zone = ZoneInfo(time_zone)
    return datetime(following.year, following.month, 1, tzinfo=zone).astimezone(UTC)


def days_of(month: str) -> list[str]:
    """The names of all days of the month, in order."""
    day, names = date.fromisoformat(f"{month}-01"), []
    while day.isoformat().startswith(month):
        names.append(day.isoformat())
        day += timedelta(days=1)
    return names


def parse_month(raw: object, field: str) -> str:
    """A month's name. Raises ValidationError naming `field`."""
    found = _MONTH.fullmatch(raw) if isinstance(raw, str) else None
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise ValidationError(f'{field} must be a month, such as "2026-11"', field)
    return found[0]


def parse_instant(raw: object, field: str) -> datetime:
    """An RFC 3339 date-time with an offset, in UTC, to the microsecond.

    Raises ValidationError naming `field`.
    """
    found = _INSTANT.fullmatch(raw) if isinstance(raw, str) else None
    if found is not None:
        fraction = (found[3] or "0")[:6].ljust(6, "0")
        offset = "+00:00" if found[4] in "Zz" else found[4]
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}.{fraction}{offset}")
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        if moment is not None and _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            return moment
    raise ValidationError(
        f'{field} must be a date-time with an offset, such as "2026-11-22T10:00:00Z"', field
    )


def not_ahead(occurred_at: datetime | None, now: datetime, field: str = "occurred_at") -> None:
    """Raises ValidationError for what has not happened yet."""
    if occurred_at is not None and occurred_at > now + AHEAD:
        raise ValidationError(f"{field} is more than 5 minutes ahead of the server's time", field)


def parse_day(raw: object) -> str:
    """A day's name. Raises ValueError."""
    if (
        not isinstance(raw, str)
        or parse_month(raw[:7], "day") + raw[7:] != date.fromisoformat(raw).isoformat()
    ):
        raise ValueError("not a day")
    return raw


def render_instant(moment: datetime) -> str:
    """RFC 3339 in UTC: `2026-12-01T00:00:00Z`, with six decimals where there is a fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sortable(moment: datetime) -> str:
    """An instant as a text of fixed width, so that texts sort as their instants do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
