"""Verdicts from two looks at the same accounts: equal, different, or not known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    BROKEN_DOWN,
    BUDGET,
    LATE,
    AccountKey,
    Move,
    late_key,
    tenant_key,
)
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.usecases.reconcile.look import NOTHING, Look, booked, held, simplest

_DAY = len("2026-11-22")
_NONE, _LIKELY, _SURE = range(3)
_OF_ONE_MONTH = BROKEN_DOWN | {LATE, BUDGET}

UNCONFIRMED = "its lists may lack entries: neither the month's account nor its days confirm them"
UNCONFIRMED_HOLDS = "the list of open holds may be incomplete: the month's account counts others"
CANCELLING = "other accounts differ by the opposite: its lists may lack corrections"
MOVING = "it changed during every comparison"


@dataclass(slots=True)
class Verdict:
    """How much an account differs in each part; None if not known yet. Amounts in USD."""

    booked: Move | None = None
    held: Move | None = None
    committed: Decimal | None = None
    reason: str = ""
    """Why a part is not known."""

    @property
    def is_open(self) -> bool:
        """True if a part is not known."""
        return self.booked is None or self.held is None or self.committed is None

    @property
    def differs(self) -> bool:
        """True if a known part differs."""
        off = (self.booked or NOTHING, self.held or NOTHING)
        return off != (NOTHING, NOTHING) or bool(self.committed)


def judge_at_once(look: Look, key: AccountKey, *, at_one_moment: bool) -> Verdict:
    """Return the verdict of one look. It can only find parts equal, not different."""
    verdict = Verdict()
    if look.booked_off(key) == NOTHING:
        verdict.booked = NOTHING
    if NOTHING in (look.held_off(key) or ()):
        verdict.held = NOTHING
    if at_one_moment and not look.committed_off(key):
        verdict.committed = look.committed_off(key)
    return verdict


@dataclass(slots=True)
class Judge:
    """Judges accounts of a tenant's month by two looks in a row.

    A difference is confirmed if it is the same in both looks, and if strongly read totals show that
    the lists are complete: the month's account, or the accounts of all its days.
    """

    tenant_id: str
    month: str
    open_months: Collection[str]
    """The month, and those in which holds may be booked now."""
    calendar: Calendar = UTC_CALENDAR
    hindsight: dict[AccountKey, frozenset[Move]] = field(default_factory=dict)
    """Possible differences of each account in earlier looks, judged in hindsight."""

    def witnesses(self, months: Iterable[str]) -> list[AccountKey]:
        """Return the accounts that show whether all entries of these months are listed."""
        return [one for month in months for one in (self._month(month), *self._days(month))]

    def judge(self, before: Look, now: Look, verdicts: dict[AccountKey, Verdict]) -> None:
        """Set the parts of the verdicts that these two looks prove."""
        trust = self._trust(before, now)
        everywhere = min(trust.values()) if now.whole else _NONE
        holds = self._lists_all_holds(before) and self._lists_all_holds(now)
        for key, verdict in verdicts.items():
            verdict.reason = ""
            if verdict.booked is None:
                lists = trust[self.month] if self.is_of_month(key) else everywhere
                self._judge_booked(key, verdict, before, now, lists)
            if verdict.held is None:
                _judge_held(key, verdict, before, now, complete=holds)
            if verdict.committed is None:
                off = now.committed_off(key)
                verdict.committed = off if off in {0, before.committed_off(key)} else None
                verdict.reason = verdict.reason or (MOVING if verdict.committed is None else "")
        _doubt_what_cancels_out(verdicts)

    def is_of_month(self, key: AccountKey) -> bool:
        """True if all entries of the account are booked in the month."""
        if key.scope not in _OF_ONE_MONTH:
            return False
        return key.period == self.month or key.period[:_DAY] in self.calendar.days(self.month)

    def _judge_booked(
        self, key: AccountKey, verdict: Verdict, before: Look, now: Look, lists: int
    ) -> None:
        off, hindsight = now.booked_off(key), before.booked_off_in_hindsight(key, now)
        earlier = self.hindsight.get(key, frozenset())
        self.hindsight[key] = hindsight
        if NOTHING in {off, *hindsight}:
            verdict.booked = NOTHING
            return
        still = _unmoved(key, before, now) and off == before.booked_off(key)
        same = off if still else simplest(earlier & hindsight)
        if same is None:
            verdict.reason = MOVING
        elif lists == _SURE or (lists == _LIKELY and not same.entries and not same.tokens):
            verdict.booked = same
        else:
            verdict.reason = UNCONFIRMED

    def _trust(self, before: Look, now: Look) -> dict[str, int]:
        """Return how far each month's lists can be trusted to be complete.

        - Sure: a total is equal to the lists.
        - Likely: it is equal except for entries in flight. Another cost of the same amount may be
          missing instead, so only differences without entries and tokens are confirmed then.
        """

        def of(key: AccountKey) -> int:
            hindsight = before.booked_off_in_hindsight(key, now)
            if now.booked_off(key) == NOTHING or hindsight == {NOTHING}:
                return _SURE
            return _LIKELY if NOTHING in hindsight else _NONE

        return {
            month: max(of(self._month(month)), min(map(of, self._days(month))))
            for month in {*self.open_months, *now.months}
        }

    def _lists_all_holds(self, look: Look) -> bool:
        return all(look.counts_holds(self._month(month)) for month in self.open_months)

    def _month(self, month: str) -> AccountKey:
        return tenant_key(self.tenant_id, month)

    def _days(self, month: str) -> list[AccountKey]:
        """The accounts of the month's days and of what came late: each entry moves one of them."""
        days = [tenant_key(self.tenant_id, day) for day in self.calendar.days(month)]
        return [*days, late_key(self.tenant_id, month)]


def _doubt_what_cancels_out(verdicts: dict[AccountKey, Verdict]) -> None:
    """Reopen differences that cancel out: corrections may be missing, and no total shows it."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for key, verdict in verdicts.items():
        if verdict.booked not in {None, NOTHING}:
            found.setdefault((key.scope, key.unit), []).append(verdict)
    for some in found.values():
        if sum((one.booked or NOTHING for one in some), NOTHING) == NOTHING:
            for one in some:
                one.booked, one.reason = None, CANCELLING


def _judge_held(
    key: AccountKey, verdict: Verdict, before: Look, now: Look, *, complete: bool
) -> None:
    found = [look.held_off(key) or frozenset() for look in (before, now)]
    same = found[0] & found[1] if len(found[0]) == len(found[1]) == 1 else frozenset()
    if any(NOTHING in one for one in found):
        verdict.held = NOTHING
    elif complete and same:
        (verdict.held,) = same
    else:
        verdict.reason = verdict.reason or (MOVING if complete else UNCONFIRMED_HOLDS)


def _unmoved(key: AccountKey, before: Look, now: Look) -> bool:
    return booked(before.rows[key].totals) == booked(now.rows[key].totals)


def nothing_changed(before: Look, now: Look, keys: Iterable[AccountKey]) -> bool:
    """True if another look would have the same result as these two."""
    return before.holds == now.holds and all(
        _unmoved(key, before, now)
        and held(before.rows[key].totals) == held(now.rows[key].totals)
        and before.booked_off(key) == now.booked_off(key)
        for key in keys
    )
