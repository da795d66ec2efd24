"""How the stripes of an account are written and read: fast while all agree, levelled when not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from budget_monitor.adapters.layout import LIMITED, SHARED, Layout
from budget_monitor.adapters.row_postings import Found, RowPosting, announcement, whole
from budget_monitor.domain.accounts import (
    Account,
    AccountKey,
    Move,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.stripes import UNIT, Level, level_after, levelled, stripe_of
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

    def most_rows(self, account: AccountKey) -> int:
        """How many rows one transaction may write for the account: all where it is levelled."""
        count = self.count(account)
        return count if count == 1 or account.scope in LIMITED else 2

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
        level = Level(self.count(account), posting.limit)
        known = self._known.get(account)
        if known and known.level.limit == posting.limit:
            level = known.level
        stripe = stripe_of(name, level.count)
        opened = known is not None and known.level == level and stripe in known.opened
        change, share = posting.change, level.share(stripe)
        most, least = _bounds(posting, level, None if share is None else share - change)
        rows = {
            replace(account, stripe=stripe): RowPosting(
                posting.move,
                shifted=posting.correction,
                committed_at_most=most,
                committed_at_least=least,
                holds_below=_room(posting.holds_below, level.count, stripe),
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
        """The rows to write when the found accounts are levelled with it; None: it does not fit."""
        limited = {k: v for k, v in found.items() if _limits(postings[k], v)}
        rows = self.fast({k: v for k, v in postings.items() if k not in limited}, name)
        for account, stripes in limited.items():
            levelling = _levelling(account, postings[account], name, stripes)
            if levelling is None:
                return None
            rows |= levelling
        return rows

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

    def _remember(self, account: AccountKey, level: Level, opened: Iterable[int]) -> None:
        known = self._known.get(account)
        if known is None or known.level != level:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            known = self._known[account] = _Memory(level)
        known.opened |= set(opened)


def _bounds(
    posting: Posting, level: Level, edge: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """The most and the least that a stripe may hold before, to stay on its side of its share."""
    change = posting.change
    if edge is None:
        return None, None
    if posting.within and level.over:
        return edge - UNIT, None  # over its limit an account grants nothing, not even nothing
    if posting.within or (change > 0 and not level.over):
        return edge, None
    return None, edge if change < 0 and level.over else None


def _limits(posting: Posting, stripes: Sequence[Account]) -> bool:
    """Whether the account has a limit, or had one that its rows still say."""
    unlimited = {None, str(Level(len(stripes), None))}
    says_none = {stripe.level for stripe in stripes} <= unlimited
    bounded = posting.limit is not None or posting.holds_below is not None
    return len(stripes) > 1 and (bounded or not says_none)


def _room(most: int | None, count: int, stripe: int) -> int | None:
    """A stripe's part of a count, the remainder on stripe 0: the parts add up to it."""
    if most is None:
        return None
    return most // count + (most % count if stripe == 0 else 0)


def _levelling(
    account: AccountKey, posting: Posting, name: str, stripes: Sequence[Account]
) -> Rows | None:
    """Every row of the account, levelled for the posting's limit; None: it does not fit."""
    committed, count = [stripe.committed for stripe in stripes], len(stripes)
    change = posting.change
    after = sum(committed, ZERO) + change
    if posting.within and posting.limit is not None and after > posting.limit:
        return None
    level, at = level_after(count, posting.limit, after), stripe_of(name, count)
    rooms = [_room(posting.holds_below, count, place) for place in range(count)]
    free = [at] if posting.holds_below is None else _free(stripes, rooms, posting.holds_below)
    if not free:
        return None
    shifts = levelled(level, committed, change)
    return {
        replace(account, stripe=place): RowPosting(
            _part_of(posting.move, amounts=place == at, holds=place == free[0]),
            shifted=shift.change - (posting.move.committed if place == at else ZERO),
            committed_at_most=shift.at_most,
            committed_at_least=shift.at_least,
            holds_below=rooms[place] if place == free[0] else None,
            lineage=posting.lineage if place == at else None,
            policy_version=posting.policy_version,
            watched=posting.watched and place == at,
            found=Found(stripe.level),
            level=str(level),
        )
        for place, (shift, stripe) in enumerate(zip(shifts, stripes, strict=True))
    }


def _free(stripes: Sequence[Account], rooms: Sequence[int | None], most: int) -> list[int]:
    """The stripes that have room for one more open reservation; none where the sum has none."""
    if sum(one.totals.holds for one in stripes) >= most:
        return []
    pairs = enumerate(zip(stripes, rooms, strict=True))
    return [place for place, (one, room) in pairs if room and one.totals.holds < room]


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
