"""Compare a tenant's accounts with its ledger and its open holds, in up to three looks."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from budget_monitor.domain.accounting.accounts import (
    EXECUTION,
    LATE,
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    late_key,
    tenant_key,
)
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import RUN
from budget_monitor.usecases.reconcile.differences import COMMIT_WITHIN, Difference, Report, Skipped
from budget_monitor.usecases.reconcile.look import NOTHING, Look, OpenHolds
from budget_monitor.usecases.reconcile.reads import Books, Days
from budget_monitor.usecases.reconcile.sums import Tally
from budget_monitor.usecases.reconcile.verdicts import (
    Judge,
    Verdict,
    judge_at_once,
    nothing_changed,
)

MAX_LOOKS = 4
MAX_KEPT = 100_000
"""Maximum of accounts that are summed at once: about 50 MB."""
MAX_DIFFERING = 1000
"""Maximum of accounts that get a second look."""

ONCE = "no time was left for a second comparison"
TOO_MANY = "more accounts than are compared at once"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared: a tenant's month. `thorough`: runs that differ use the whole ledger."""

    tenant_id: str
    month: str
    open_months: frozenset[str]
    """The month, and the months in which holds may be booked now."""
    thorough: bool = False


@dataclass(slots=True)
class Comparison:
    """The comparison of one tenant. Each look reads the lists first, then the rows."""

    books: Books
    scope: Scope
    verdicts: dict[AccountKey, Verdict] = field(default_factory=dict)
    """Accounts that were not equal at the first look."""
    _looks: int = 0
    _equal: int = 0
    _crowded: bool = False
    """True if accounts were left out because there are too many."""
    _stuck: bool = False
    """True if another look would have the same result."""
    _last: Look | None = None
    _judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        scope = self.scope
        self._judge = Judge(scope.tenant_id, scope.month, scope.open_months, self.books.calendar)

    @property
    def tenant_id(self) -> str:
        """The tenant."""
        return self.scope.tenant_id

    @property
    def is_pending(self) -> bool:
        """True if another look may give more information."""
        unknown = any(one.is_open for one in self.verdicts.values())
        return unknown and not self._stuck and self._looks < MAX_LOOKS

    def look(self) -> None:
        """Take one more look. Raises UnavailableError."""
        if self._last is None:
            self._last = self._first()
        else:
            before, self._last = self._last, self._again(self._last)
            self._judge.judge(before, self._last, self.verdicts)
            keys = [*self.verdicts, *self._judge.witnesses([self.scope.month])]
            self._stuck = nothing_changed(before, self._last, keys)
        self._looks += 1

    def report(self) -> Report:
        """Return the result so far."""
        unknown = {key: one for key, one in self.verdicts.items() if one.is_open}
        apart = {key for key in unknown if self._is_partly_read(key)}
        skipped = [Skipped(key, one.reason) for key, one in unknown.items() if key not in apart]
        if self._crowded:
            # Stands for all accounts that were left out.
            skipped.append(Skipped(AccountKey(self.tenant_id, EXECUTION, SYSTEM, RUN), TOO_MANY))
        found = {k: one for k, one in self.verdicts.items() if one.differs and k not in apart}
        return Report(
            tenant_id=self.tenant_id,
            month=self.scope.month,
            accounts=self._equal + len(self.verdicts) - len(unknown),
            differences=[self._difference(key, one) for key, one in found.items()],
            skipped=skipped,
            not_compared=sorted(apart, key=str),
            complete=tenant_key(self.tenant_id, self.scope.month) not in unknown,
        )

    def _is_partly_read(self, key: AccountKey) -> bool:
        """True if it differs, and may have entries on days that were not read."""
        partly = self._looks > 1 and self._last is not None and not self._last.whole
        return partly and self.verdicts[key].booked is None and not self._judge.is_of_month(key)

    def _difference(self, key: AccountKey, verdict: Verdict) -> Difference:
        row = self._last.rows[key] if self._last else Account(key)
        off = (verdict.booked or NOTHING) + (verdict.held or NOTHING)
        return Difference(key, row.totals - off, row.totals, verdict.committed or ZERO, row)

    def _first(self) -> Look:
        """Look at all accounts that the month's entries and holds name; keep the unequal ones."""
        tally, days = Tally(self.books.now() - COMMIT_WITHIN), self.books.days(self.scope.month)
        self._add_up(tally, days)
        holds, began = self.books.open_holds(), self.books.now()
        found = {row.key: row for row in self._found(tally, holds)}
        if not found:
            return Look(Tally(began), OpenHolds({}, {}), began, began)
        witnesses = self._judge.witnesses(self.scope.open_months)
        rows = {row.key: row for row in self.books.accounts(witnesses)} | found
        ended = self.books.now()
        tally.sums = {key: one for key, one in tally.sums.items() if key in rows}
        tally.young = {}
        open_holds = OpenHolds.between(holds, self.books.open_holds())
        look = Look(tally, open_holds, began, ended, rows, whole=not days.far)
        for key in found:
            verdict = judge_at_once(look, key, at_one_moment=not self.books.is_striped(key))
            if verdict.is_open:
                verdict.reason, self.verdicts[key] = ONCE, verdict
            else:
                self._equal += 1
        return look

    def _add_up(self, tally: Tally, days: Days) -> None:
        """Sum the accounts named by entries that are booked in the month."""
        month, owner = self.scope.month, self.tenant_id

        def wanted(one: AccountKey) -> bool:
            return one.tenant_id == owner and (
                one in tally.sums or (names and (one.period != RUN or not self._crowded))
            )

        for entry in self.books.entries(days.near):
            names = entry.booking.month == month
            tally.add(entry, wanted)
            if len(tally.sums) > MAX_KEPT and not self._crowded:
                self._make_room(tally)

    def _make_room(self, tally: Tally) -> None:
        """Drop the sums of accounts that are equal already."""
        keys = list(tally.sums)
        kept = {row.key for row in self._unequal(keys, tally, self.books.open_holds())}
        tally.sums = {key: one for key, one in tally.sums.items() if key in kept}
        self._crowded = len(kept) > MAX_KEPT * 3 // 4

    def _found(self, tally: Tally, holds: dict[str, Reservation]) -> list[Account]:
        """Return the accounts that are not equal at the first look, at most 1,000."""
        owner, month = self.tenant_id, self.scope.month
        named = {
            tenant_key(owner, month),
            late_key(owner, month),
            *self.books.breakdown_accounts(month),
        }
        for hold in (one.hold for one in holds.values()):
            if hold.booking.month == month:
                named |= {one for one in hold.accounts if one.tenant_id == owner}
        found = self._unequal({**dict.fromkeys(named), **tally.sums}, tally, holds)
        found.sort(key=lambda row: (not self._judge.is_of_month(row.key), str(row.key)))
        self._crowded = self._crowded or len(found) > MAX_DIFFERING
        return found[:MAX_DIFFERING]

    def _unequal(
        self, keys: Iterable[AccountKey], tally: Tally, holds: dict[str, Reservation]
    ) -> list[Account]:
        now, found = self.books.now(), list[Account]()
        look = Look(tally, OpenHolds.between(holds, holds), now, now)
        for row in self.books.accounts(keys):
            look.rows = {row.key: row}
            if judge_at_once(look, row.key, at_one_moment=True).is_open:
                found.append(row)
            else:
                self._equal += 1
        return found

    def _again(self, last: Look) -> Look:
        """Look again at the unequal accounts, and at those that prove that lists are complete."""
        scope, books = self.scope, self.books
        days = books.days(scope.month)
        of_runs = [one for key, one in self.verdicts.items() if not self._judge.is_of_month(key)]
        whole = not days.far or (scope.thorough and any(one.is_open for one in of_runs))
        months = days.months(scope.open_months) if whole else frozenset({scope.month})
        tally = Tally(last.began - COMMIT_WITHIN)

        def wanted(one: AccountKey) -> bool:
            own = one.tenant_id == self.tenant_id and one.scope in {TENANT, LATE}
            return own or one in self.verdicts

        for entry in books.entries((*days.near, *days.far) if whole else days.near):
            tally.add(entry, wanted)
        holds, began = books.open_holds(), books.now()
        witnesses = self._judge.witnesses({*months, *scope.open_months})
        rows = {row.key: row for row in books.accounts(witnesses)}
        rows |= {key: books.alone(key) for key in self.verdicts}
        ended = books.now()
        open_holds = OpenHolds.between(holds, books.open_holds())
        return Look(tally, open_holds, began, ended, rows, months, whole)
