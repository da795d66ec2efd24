"""A tenant's ledger: by time, by booked month, or by the time of recording; filtered by labels."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice

from budget_monitor.domain.accounting.accounts import listing
from budget_monitor.domain.costs.ledger import Entry, booking_position
from budget_monitor.domain.periods import MONTH, sortable
from budget_monitor.domain.rules.rollovers import months_between
from budget_monitor.ports import Clock, Policies, Reads, Span
from budget_monitor.usecases.reports.report import LedgerPage

MAX_LOOKED_AT, _AT_ONCE = 1000, 100
"""Maximum of entries read for one page with a filter, and in one request."""
MAX_DAYS = 100
"""Maximum of days that one page reads; days without a cost are skipped."""
VISIBLE_WITHIN = timedelta(seconds=60)
"""Time after `recorded_at` until an entry is in the lists: the write, and the index's lag."""
_ANSWER_BYTES = 4_000_000
_DAY = len("2026-11-22")
_LAST_OF_DAY = "T23:59:59.999999Z#9999-12-31T23:59:59.999999Z#z"


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Which entries: a range of `occurred_at`, or a booked month, or those recorded since."""

    start: datetime | None = None
    end: datetime | None = None
    month: str | None = None
    recorded_from: datetime | None = None
    user: str | None = None
    agent: str | None = None
    model: str | None = None
    workflow: str | None = None
    tag: str | None = None
    flag: str | None = None

    @property
    def by_booking(self) -> bool:
        """True if the order is that of booking, not that of `occurred_at`."""
        return self.month is not None or self.recorded_from is not None

    @property
    def is_selective(self) -> bool:
        """True if listed entries may be left out."""
        names = (self.user, self.agent, self.model, self.workflow, self.tag, self.flag)
        return any(one is not None for one in names)

    def fits(self, entry: Entry) -> bool:
        """True if the entry has all of these labels."""
        labels = entry.labels
        return (
            self.month in {None, entry.booking.month}
            and self.user in {None, labels.user}
            and self.agent in {None, labels.agent}
            and self.model in {None, labels.model, labels.model_resolved}
            and self.workflow in {None, labels.workflow}
            and (self.tag is None or self.tag in labels.tags)
            and (self.flag is None or self.flag in entry.flags)
        )


@dataclass(slots=True)
class _Found:
    """The entries of a page so far, at most `limit` and 4 MB."""

    limit: int
    entries: list[Entry] = field(default_factory=list)
    weight: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.entries) == self.limit

    def takes(self, entry: Entry) -> bool:
        """Add the entry; False if there is no room for it."""
        self.weight += weight_of(entry)
        if self.is_full or (self.entries and self.weight > _ANSWER_BYTES):
            return False
        self.entries.append(entry)
        return True


class LedgerList:
    """The use case of `ledger`. It writes nothing."""

    def __init__(self, store: Reads, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def page(
        self, tenant_id: str, wanted: LedgerQuery, limit: int, after: str | None
    ) -> LedgerPage:
        """Return at most `limit` entries: oldest first, or in the order of booking.

        With a filter at most 1,000 entries are looked at, and the next page goes on behind them.
        """
        until = self._clock.now() - VISIBLE_WITHIN if wanted.recorded_from else None
        size = _AT_ONCE if wanted.is_selective else limit
        span = Span(_sortable(wanted.start), _sortable(wanted.end), after)
        # Lists are read one entry further than the page, to know whether there is a next page.
        days = _DaysInOrder(self._store, tenant_id, span, size + 1)
        if wanted.by_booking:
            names = self._booked(tenant_id, wanted, _booked_span(wanted, until, after), size + 1)
        else:
            names = days.ids()
        found, last, looked_at = _Found(limit), after, 0
        while ids := list(islice(names, size)):
            stored = self._store.entries(tenant_id, ids)
            for number, entry in enumerate((stored[one] for one in ids), 1):
                if wanted.fits(entry) and not found.takes(entry):
                    return LedgerPage(found.entries, last, until)
                last = entry.booking_position if wanted.by_booking else entry.position
                if found.is_full:
                    more = number < len(ids) or next(names, None) or days.resume_at
                    return LedgerPage(found.entries, last if more else None, until)
            looked_at += len(ids)
            if looked_at >= MAX_LOOKED_AT:
                return LedgerPage(found.entries, last if next(names, None) else None, until)
        return LedgerPage(found.entries, days.resume_at, until)

    def _booked(self, tenant_id: str, wanted: LedgerQuery, span: Span, size: int) -> Iterator[str]:
        """Yield the ids of one month, or of all months merged, in the order of booking."""
        months = [wanted.month] if wanted.month else self._months(tenant_id, wanted.recorded_from)
        lists = (self._month(tenant_id, one, span, size) for one in months)
        yield from (name for _, name in merge(*lists))

    def _month(
        self, tenant_id: str, month: str, span: Span, size: int
    ) -> Iterator[tuple[str, str]]:
        more = True
        while more:
            page = self._store.entries_of_month(tenant_id, month, span, size)
            yield from page.items
            more = page.more
            span = Span(span.start, span.end, page.items[-1][0]) if page.items else span

    def _months(self, tenant_id: str, since: datetime | None) -> list[str]:
        """Return the months in which anything may have been booked since that instant.

        These are the months of all days that have costs: an import may book into any of them.
        """
        calendar = self._policies.for_tenant(tenant_id).calendar
        listed = self._store.listed(listing(tenant_id, "days", "all"))
        days = {date.fromisoformat(one.period) + around for one in listed for around in _AROUND}
        months = {calendar.month_of_day(day.isoformat()) for day in days}
        now = self._clock.now()
        recent = months_between(calendar.name(MONTH, since or now), calendar.name(MONTH, now))
        return sorted({*months, *recent})


_AROUND = (timedelta(days=-1), timedelta(), timedelta(days=1))
"""In the tenant's time zone, a UTC day may be part of the month before or after."""


class _DaysInOrder:
    """Ids of entries by `occurred_at`: one request for each day with entries."""

    def __init__(self, store: Reads, tenant_id: str, span: Span, size: int) -> None:
        self._store = store
        self._tenant_id = tenant_id
        self._span = span
        self._size = size
        self.resume_at: str | None = None
        """Where to go on after all ids were taken, if there are more days."""

    def ids(self) -> Iterator[str]:
        """Yield the ids of at most 100 days."""
        days = self._days()
        for day in days[:MAX_DAYS]:
            span, more = self._span, True
            while more:
                page = self._store.entries_of_day(self._tenant_id, day, span, self._size)
                yield from page.entry_ids
                more = page.resume_at is not None
                span = Span(span.start, span.end, page.resume_at)
        if len(days) > MAX_DAYS:
            self.resume_at = f"{days[MAX_DAYS - 1]}{_LAST_OF_DAY}"

    def _days(self) -> list[str]:
        """Return the UTC days that may have entries within the span.

        These are the days that have an account: of costs booked on the day, or of costs of the day
        that are booked on another one.
        """
        listed = self._store.listed(listing(self._tenant_id, "days", "all"))
        first = (self._span.after or self._span.start or "")[:_DAY]
        last = (self._span.end or "~")[:_DAY]
        return sorted({one.period for one in listed if first <= one.period <= last})


def _booked_span(wanted: LedgerQuery, until: datetime | None, after: str | None) -> Span:
    since = wanted.recorded_from
    start = booking_position(since) if since else None
    return Span(start, booking_position(until) if until else None, after)


def weight_of(entry: Entry) -> int:
    """Return about how many bytes the entry takes in an answer."""
    return 1000 + len(json.dumps([entry.labels.dump(), entry.usage, entry.price, entry.reason]))


def light(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return as many entries as fit into Lambda's answer of 6 MB; at least one."""
    found = _Found(len(entries))
    return [one for one in entries if found.takes(one)] if entries else entries


def _sortable(moment: datetime | None) -> str | None:
    return None if moment is None else sortable(moment)
