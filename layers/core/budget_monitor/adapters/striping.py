"""How the stripes of an account are written and read: fast while all agree, levelled when not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from budget_monitor.adapters.layout import SHARED, Layout
from budget_monitor.adapters.row_postings import Found, RowPosting, announcement, whole
from budget_monitor.domain.accounts import (
    Account,
    AccountKey,
    Move,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.stripes import Level, bounded, level_after, levelled, stripe_of
from budget_monitor.domain.transactions import Posting

Rows = dict[AccountKey, RowPosting]
Postings = Mapping[AccountKey, Posting]

_KNOWN = 10_000
"""Of how many accounts a process remembers the level."""


@dataclass(slots=True)
class _Memory:
    level: Level
    opened: set[int] = field(default_factory=set)


class Striping:
    """Turns postings to accounts into postings to rows, and rows back into accounts.

    It remembers how the accounts were found last. A memory may be stale: every write asserts it.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[AccountKey, _Memory] = {}

    def count(self, account: AccountKey) -> int:
        """Over how many rows the account is spread, as far as is known here."""
        known = self._known.get(account)
        return known.level.count if known else self._layout.count(account)

    def in_question(self, row: AccountKey, posting: Posting) -> bool:
        """Whether a row said no because of its stripes, and not for a limit or lineage."""
        if row.scope not in SHARED:
            return False
        return self.count(replace(row, stripe=0)) > 1 or not posting.within

    def shut(self, postings: Postings) -> set[AccountKey]:
        """The accounts that were found over their limit, where the postings ask for more room.

        Their rows would refuse a write, so they are read first.
        """
        return {
            account
            for account, posting in postings.items()
            if self.count(account) > 1 and self._is_shut(account, posting)
        }

    def _is_shut(self, account: AccountKey, posting: Posting) -> bool:
        known = self._known.get(account)
        at_limit = known is not None and known.level.over and known.level.limit == posting.limit
        return posting.ceiling is not None or (posting.within and at_limit)

    def most_rows(self, account: AccountKey) -> int:
        """How many rows a move of the account writes at most: its stripe, and row 0 to open it."""
        return min(self.count(account), 2)

    def rows_of(self, accounts: Iterable[AccountKey]) -> list[AccountKey]:
        """The rows of the accounts."""
        return [
            replace(account, stripe=stripe)
            for account in dict.fromkeys(accounts)
            for stripe in range(self.count(account))
        ]

    def fast(self, postings: Postings, name: str) -> Rows:
        """The rows to write when every account is as it was found last."""
        rows: Rows = {}
        for account, posting in postings.items():
            if posting.announces:
                rows |= dict.fromkeys(self.rows_of([account]), announcement(posting))
            elif self.count(account) == 1:
                rows[account] = whole(posting, stripeable=account.scope in SHARED)
            else:
                rows |= self._one_stripe(account, posting, name)
        return rows

    def _one_stripe(self, account: AccountKey, posting: Posting, name: str) -> Rows:
        level, known = self._expected(account, posting), self._known.get(account)
        stripe = stripe_of(name, level.count)
        opened = known is not None and known.level == level and stripe in known.opened
        rows = {
            replace(account, stripe=stripe): RowPosting(
                posting.move,
                shifted=posting.correction,
                committed_at_most=_room_for(posting, level, stripe),
                holds_below=_places(posting.holds_below, level.count, stripe),
                lineage=posting.lineage,
                policy_version=posting.policy_version,
                watched=posting.watched,
                found=Found(str(level), or_new=not opened),
                level=None if opened else str(level),
            )
        }
        if stripe and not opened:
            # The first row says for all how many they are: whoever opens another asserts it.
            found = Found(str(level), or_new=True)
            version = posting.policy_version
            rows[account] = RowPosting(
                Move(), policy_version=version, found=found, level=str(level)
            )
        return rows

    def _expected(self, account: AccountKey, posting: Posting) -> Level:
        """The level that the rows are expected to say: as they were found, or as they would be."""
        known = self._known.get(account)
        if known and (posting.follows or known.level.limit == posting.limit):
            # What is over its limit grants nothing: a write that asks for room expects it under.
            return replace(known.level, over=known.level.over and not posting.within)
        return Level(self.count(account), posting.limit)

    def outdated(self, postings: Postings, found: Mapping[AccountKey, Sequence[Account]]) -> bool:
        """Whether somebody decided by a later policy than these postings on a found account."""
        return any(
            (postings[account].policy_version or 0) < stripe.policy_version
            for account, stripes in found.items()
            for stripe in stripes
            if postings[account].policy_version is not None
        )

    def slow(
        self, postings: Postings, name: str, found: Mapping[AccountKey, Sequence[Account]]
    ) -> Rows | None:
        """The rows to write when the found accounts are levelled with it; None: it does not fit.

        An account whose rows are at their level already is written as ever.
        """
        levelling, levelled = dict[AccountKey, RowPosting](), set[AccountKey]()
        for account, stripes in found.items():
            plan = _Levelling.of(postings[account], name, stripes)
            if plan is None:
                return None
            if plan.needed:
                levelling |= plan.rows(account)
                levelled.add(account)
            else:
                self._remember_rows(account, stripes)
        others = {k: v for k, v in postings.items() if k not in levelled}
        return self.fast(others, name) | levelling

    def alone(
        self, account: AccountKey, posting: Posting, name: str, stripes: Sequence[Account]
    ) -> Rows | None:
        """The rows that level one account before its move is written; None: it does not fit."""
        plan = _Levelling.of(posting, name, stripes)
        return None if plan is None else plan.rows(account, moving=False)

    def wrote(self, rows: Rows) -> None:
        """Remember what a write that succeeded proved."""
        for row, posting in rows.items():
            said = posting.level or (posting.found.level if posting.found else None)
            if said is not None:
                self._remember(replace(row, stripe=0), Level.parse(said), {row.stripe})

    def learn(self, rows: Mapping[AccountKey, Account]) -> bool:
        """Remember how the accounts were found; whether one has more rows than were read."""
        more = False
        for key, row in rows.items():
            if key.stripe or not row.seen or key.scope not in SHARED:
                continue
            level = Level(1, None) if row.level is None else Level.parse(row.level)
            more |= level.count > self.count(key)
            if row.level is not None or self.count(key) > 1:
                self._remember(key, level, ())
        return more

    def _remember_rows(self, account: AccountKey, stripes: Sequence[Account]) -> None:
        """Remember that all these rows exist and say what they say."""
        for place, one in enumerate(stripes):
            if one.level is not None and len(stripes) > 1:
                self._remember(account, Level.parse(one.level), {place})

    def _remember(self, account: AccountKey, level: Level, opened: Iterable[int]) -> None:
        known = self._known.get(account)
        if known is None or known.level != level:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            known = self._known[account] = _Memory(level)
        known.opened |= set(opened)


def _room_for(posting: Posting, level: Level, stripe: int) -> Decimal | None:
    """The most that a stripe may carry before the move, to be at or below its share after it."""
    share = level.share(stripe)
    if share is None or level.over or (posting.change <= 0 and not posting.within):
        return None
    return share - posting.change


def _places(most: int | None, count: int, stripe: int) -> int | None:
    """A stripe's part of a count, the remainder on stripe 0: the parts add up to it."""
    if most is None:
        return None
    return most // count + (most % count if stripe == 0 else 0)


@dataclass(frozen=True, slots=True)
class _Levelling:
    """What brings all rows of one account to one level, with room for a posting."""

    posting: Posting
    stripes: Sequence[Account]
    level: Level
    at: int
    """The stripe that takes the amount."""
    holds_at: int
    """The stripe that takes the open reservation: one with a free place for it."""

    @classmethod
    def of(cls, posting: Posting, name: str, stripes: Sequence[Account]) -> "_Levelling | None":
        """The levelling of these rows, read as they are; None where the posting does not fit."""
        count, committed = len(stripes), sum((one.committed for one in stripes), ZERO)
        limit = _limit_found(stripes) if posting.follows else posting.limit
        after, at = committed + posting.change, stripe_of(name, count)
        most = limit if posting.within else posting.ceiling
        free = at if posting.holds_below is None else _free(stripes, posting.holds_below, at)
        if free is None or (most is not None and after > most):
            return None
        # A credit leaves the level to what is committed before it: it may be written on its own.
        level = level_after(count, limit, max(after, committed))
        return cls(posting, stripes, level, at, free)

    @property
    def needed(self) -> bool:
        """Whether a write of the stripe alone would find something else than it counts on."""
        if len(self.stripes) == 1:
            return False
        # A row that nobody opened yet is under any limit; one over its limit says so on every row.
        fine = {str(self.level)} if self.level.over else {str(self.level), None}
        if {one.level for one in self.stripes} - fine or self.posting.ceiling is not None:
            return True
        most = _room_for(self.posting, self.level, self.at)
        full = most is not None and self.stripes[self.at].committed > most
        return full or self.holds_at != self.at

    def rows(self, account: AccountKey, *, moving: bool = True) -> Rows:
        """Every row of the account, levelled, with the move on its stripe or without it."""
        posting, count = self.posting, len(self.stripes)
        committed = [one.committed for one in self.stripes]
        change = posting.change if moving else max(posting.change, ZERO)
        own = posting.move.committed if moving else change
        shifts = levelled(self.level, committed, change, self.at)
        bounds = [one.at_most for one in shifts]
        if posting.ceiling is not None and self.level.over:
            bounds = [*bounded(committed, posting.ceiling - posting.change)]
        return {
            replace(account, stripe=place): RowPosting(
                _part_of(
                    posting.move,
                    amounts=moving and place == self.at,
                    holds=moving and place == self.holds_at,
                ),
                shifted=shift.change - (own if place == self.at else ZERO),
                committed_at_most=bounds[place],
                holds_below=_places(posting.holds_below, count, place)
                if moving and place == self.holds_at
                else None,
                lineage=posting.lineage if moving and place == self.at else None,
                policy_version=posting.policy_version,
                watched=moving and posting.watched and place == self.at,
                found=Found(stripe.level),
                level=str(self.level),
            )
            for place, (shift, stripe) in enumerate(zip(shifts, self.stripes, strict=True))
        }


def _limit_found(stripes: Sequence[Account]) -> Decimal | None:
    """The limit that the rows were levelled for last, in USD."""
    said = next((one.level for one in stripes if one.level is not None), None)
    return None if said is None else Level.parse(said).limit


def _free(stripes: Sequence[Account], most: int, at: int) -> int | None:
    """A stripe with a place for one more open reservation, `at` if it has one; None: all full."""
    if sum(one.totals.holds for one in stripes) >= most:
        return None
    count = len(stripes)
    rooms = [_places(most, count, place) or 0 for place in range(count)]
    places = sorted(range(count), key=lambda place: place != at)
    return next((n for n in places if stripes[n].totals.holds < rooms[n]), None)


def _part_of(move: Move, *, amounts: bool, holds: bool) -> Move:
    """What of the move goes to a stripe: only the sum over all of them means something."""
    part = replace(move, holds=0) if amounts else Move()
    return replace(part, holds=move.holds) if holds else part


def total(account: AccountKey, stripes: Sequence[Account]) -> Account:
    """The account as the sum of its rows."""
    totals = sum((stripe.totals for stripe in stripes), Move())
    committed = sum((stripe.committed for stripe in stripes), ZERO)
    return replace(
        stripes[0],
        key=account,
        totals=totals,
        policy_version=max(stripe.policy_version for stripe in stripes),
        committed=committed,
        seen=any(stripe.seen for stripe in stripes),
    )
