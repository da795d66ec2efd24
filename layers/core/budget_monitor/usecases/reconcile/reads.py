"""Read a tenant's data for a comparison: its ledger by day, its accounts, its open holds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import (
    AGENT,
    MODEL,
    OCCURRED,
    PROVIDER,
    RANKED_NAMES,
    TENANT,
    Account,
    AccountKey,
    listing,
)
from budget_monitor.domain.accounting.breakdowns import all_labelled_keys
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.reservations import MAX_LIFE, OPEN, Reservation
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.ports import Clock, Reads, Span

PAGE = 500
"""Entries per read."""
TOGETHER = 100
"""Accounts per read."""
MAX_HOLDS = 100_000
"""Maximum of open holds that are read."""
_AROUND = timedelta(days=31)
"""Entries of this long before and after a month are read for it."""


@dataclass(frozen=True, slots=True)
class Days:
    """The UTC days whose lists make up a tenant's ledger, in the order of reading."""

    near: tuple[str, ...]
    """Days around the month, and all days with costs that are booked on another day."""
    far: tuple[str, ...]
    booked_months: frozenset[str]
    """The months in which anything is booked."""

    def months(self, others: Iterable[str]) -> frozenset[str]:
        """Every month from the first in which anything is booked; `others` are among them."""
        known = {*others, *self.booked_months}
        found, last = min(known), max(known)
        months = {found}
        while found < last:
            found = following(found)
            months.add(found)
        return frozenset(months)


class Books:
    """A tenant's ledger, accounts and holds. Methods raise UnavailableError, also out of time."""

    def __init__(
        self, store: Reads, clock: Clock, tenant_id: str, calendar: Calendar = UTC_CALENDAR
    ) -> None:
        self.calendar = calendar
        self._store = store
        self._clock = clock
        self._tenant_id = tenant_id

    def now(self) -> datetime:
        """Return the current instant."""
        return self._clock.now()

    def days(self, month: str) -> Days:
        """The days of the ledger, the month's first: so its accounts are known from the start."""
        of_month = self.calendar.days(month)
        first, last = _window(of_month)
        listed = self._store.listed(listing(self._tenant_id, "days", "all"))
        booked = frozenset(one.period for one in listed if one.scope == TENANT)
        occurred = {one.period for one in listed if one.scope == OCCURRED}
        near = occurred | {day for day in booked if first <= day <= last}

        def order(day: str) -> tuple[bool, bool, str]:
            return day not in of_month, day not in occurred, day

        months = frozenset(map(self.calendar.month_of_day, booked))
        return Days(tuple(sorted(near, key=order)), tuple(sorted(booked - near)), months)

    def entries(self, days: Iterable[str]) -> Iterator[Entry]:
        """Yield every listed entry of these days."""
        for day in days:
            after, more = None, True
            while more:
                found, after = self._page(day, after)
                yield from found
                more = after is not None

    def breakdown_accounts(self, month: str) -> set[AccountKey]:
        """Return the listed accounts of the month's breakdowns."""
        whole = [listing(self._tenant_id, scope, month) for scope in (AGENT, MODEL, PROVIDER)]
        by_spend = [listing(self._tenant_id, scope, month) for scope in RANKED_NAMES]
        found = {one for name in whole for one in self._store.listed(name)}
        found |= {one for name in by_spend for one in self._ranked(name)}
        return found | {*all_labelled_keys(self._tenant_id, month)}

    def _ranked(self, ranking: str) -> Iterator[AccountKey]:
        after, more = None, True
        while more:
            page = self._store.ranked(ranking, PAGE, after)
            yield from (one for _, one in page.items)
            after, more = page.items[-1][0] if page.items else None, page.more

    def accounts(self, keys: Iterable[AccountKey]) -> Iterator[Account]:
        """Yield each account as it is now."""
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), TOGETHER):
            yield from self._accounts(wanted[start : start + TOGETHER])

    @deadline.unit_of_work()
    def alone(self, key: AccountKey) -> Account:
        """Return the account as of one instant, however many rows it has."""
        if self.is_striped(key):
            return self._store.snapshot([key]).accounts[key]
        return self._store.accounts([key])[key]

    def is_striped(self, key: AccountKey) -> bool:
        """True if the account has several rows."""
        return self._store.max_rows(key) > 1

    @deadline.unit_of_work()
    def open_holds(self) -> dict[str, Reservation]:
        """Return the listed open holds, by id."""
        names = self._store.overdue(self._clock.now() + MAX_LIFE, MAX_HOLDS, self._tenant_id)
        found = self._store.reservations(names)
        return {one.hold.reservation_id: one for one in found if one.state == OPEN}

    @deadline.unit_of_work()
    def _page(self, day: str, after: str | None) -> tuple[Iterable[Entry], str | None]:
        self._refuse_to_overrun()
        page = self._store.entries_of_day(self._tenant_id, day, Span(after=after), PAGE)
        found = self._store.entries(self._tenant_id, page.entry_ids)
        return found.values(), page.resume_at

    @deadline.unit_of_work()
    def _accounts(self, keys: Sequence[AccountKey]) -> Collection[Account]:
        self._refuse_to_overrun()
        return self._store.accounts(keys).values()

    def _refuse_to_overrun(self) -> None:
        if deadline.about_to_end():
            raise UnavailableError(
                f"the ledger of {self._tenant_id} is too long for this invocation"
            )


def following(month: str) -> str:
    """Return the next month."""
    return (date.fromisoformat(f"{month}-01") + timedelta(days=31)).strftime("%Y-%m")


def before(month: str) -> str:
    """Return the previous month."""
    return (date.fromisoformat(f"{month}-01") - timedelta(days=1)).strftime("%Y-%m")


def _window(days: Sequence[str]) -> tuple[str, str]:
    """The days, first and last, on which what is booked on these days may have happened."""
    first, last = date.fromisoformat(days[0]) - _AROUND, date.fromisoformat(days[-1]) + _AROUND
    return first.isoformat(), last.isoformat()
