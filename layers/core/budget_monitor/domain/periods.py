"""Periods (named half-open intervals in a tenant's time zone) and instants."""

import re
from dataclasses import field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.values import dataclass

RUN, MINUTE, HOUR, DAY, WEEK, MONTH = "run", "minute", "hour", "day", "week", "month"
QUARTER, YEAR, TOTAL = "quarter", "year", "total"
"""`total` is a lifetime: the one period that never ends."""
SHORT = frozenset({MINUTE, HOUR, DAY, WEEK})
"""Periods that limit a rate: late costs of closed months do not count in them."""
AHEAD = timedelta(minutes=5)
"""Maximum that a caller's clock may be ahead of the server's."""

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

    `late`: its own month was closed. `happened_on`: the UTC day of the cost if it differs from the
    booked day, because it is late or because of the time zone.
    """

    month: str
    day: str
    late: bool = False
    happened_on: str | None = None
    moment: datetime | None = field(default=None, compare=False)
    """Instant that determines the hour, day, week and month of the booking."""
    backfill: bool = False
    """Imported into its own month after it ended. It counts in no present budget."""

    def of(self, occurred_at: datetime) -> "Booking":
        """Return the booking with `happened_on` set for a cost of that instant."""
        day = day_of(occurred_at, "UTC")
        return replace(self, happened_on=None if day == self.day else day)


def period_of_month(kind: str, month: str) -> str:
    """The month, quarter, year or lifetime that a month is part of: `2026-Q4`, `2026`, `total`."""
    if kind == MONTH:
        return month
    year, number = month[:4], int(month[5:])
    names = {QUARTER: f"{year}-Q{(number + 2) // 3}", YEAR: year, TOTAL: TOTAL}
    return names[kind]


def last_month_of(kind: str, month: str) -> str:
    """The last month of the quarter or year that a month is part of; of a month, itself."""
    size = {MONTH: 1, QUARTER: 3, YEAR: 12}[kind]
    return f"{month[:4]}-{(int(month[5:]) + size - 1) // size * size:02}"


@cache
def zone_of(name: str) -> tzinfo:
    """Return an IANA time zone. Raises ValueError or OSError for an unknown name."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most tenants use UTC

    return ZoneInfo(name)


def month_of(moment: datetime, time_zone: str) -> str:
    """Return the name of the month at `moment`: `2026-11`."""
    return moment.astimezone(zone_of(time_zone)).strftime("%Y-%m")


def day_of(moment: datetime, time_zone: str) -> str:
    """Return the name of the day at `moment`: `2026-11-22`."""
    return moment.astimezone(zone_of(time_zone)).date().isoformat()


def month_end(month: str, time_zone: str) -> datetime:
    """The first instant after the month, in UTC."""
    # From the first day, 31 days reach into the next month whatever the month's length.
    following = date.fromisoformat(f"{month}-01") + timedelta(days=31)
    zone = zone_of(time_zone)
    return datetime(following.year, following.month, 1, tzinfo=zone).astimezone(UTC)


def days_of(month: str) -> list[str]:
    """Return the names of all days of the month, in order."""
    day, names = date.fromisoformat(f"{month}-01"), []
    while day.isoformat().startswith(month):
        names.append(day.isoformat())
        day += timedelta(days=1)
    return names


def parse_month(raw: object, field: str) -> str:
    """Return the month's name. Raises ValidationError naming `field`."""
    found = _MONTH.fullmatch(raw) if isinstance(raw, str) else None
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise ValidationError(f'{field} must be a month, such as "2026-11"', field)
    return found[0]


def parse_instant(raw: object, field: str) -> datetime:
    """Return the instant of an RFC 3339 date-time with an offset, in UTC, to the microsecond.

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
    """Raise ValidationError if `occurred_at` is more than 5 minutes ahead of `now`."""
    if occurred_at is not None and occurred_at > now + AHEAD:
        raise ValidationError(f"{field} is more than 5 minutes ahead of the server's time", field)


def parse_day(raw: object) -> str:
    """Return the day's name. Raises ValueError or ValidationError."""
    if (
        not isinstance(raw, str)
        or parse_month(raw[:7], "day") + raw[7:] != date.fromisoformat(raw).isoformat()
    ):
        raise ValueError("not a day")
    return raw


def render_instant(moment: datetime) -> str:
    """Return RFC 3339 in UTC: `2026-12-01T00:00:00Z`, with six decimals if there is a fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sortable(moment: datetime) -> str:
    """Return a text of fixed width. Texts sort like their instants."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
