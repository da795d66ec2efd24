"""Levelling one account: every row brought to one level, with room for a posting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.accounting.stripes import (
    Level,
    bounded,
    level_after,
    levelled,
    stripe_of,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.transactions import Posting

Rows = dict[AccountKey, RowPosting]


def room_for(posting: Posting, level: Level, stripe: int) -> Decimal | None:
    """The most that a stripe may carry before the move, to be at or below its share after it."""
    share = level.share(stripe)
    if share is None or level.over or (posting.change <= 0 and not posting.within):
        return None
    return share - posting.change


def places(most: int | None, count: int, stripe: int) -> int | None:
    """A stripe's part of a count, the remainder on stripe 0: the parts add up to it."""
    if most is None:
        return None
    return most // count + (most % count if stripe == 0 else 0)


@dataclass(frozen=True, slots=True)
class Levelling:
    """What brings all rows of one account to one level, with room for a posting."""

    posting: Posting
    stripes: Sequence[Account]
    level: Level
    at: int
    """The stripe that takes the amount."""
    holds_at: int
    """The stripe that takes the open reservation: one with a free place for it."""

    @classmethod
    def of(cls, posting: Posting, name: str, stripes: Sequence[Account]) -> "Levelling | None":
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
        most = room_for(self.posting, self.level, self.at)
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
                holds_below=places(posting.holds_below, count, place)
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
    rooms = [places(most, count, place) or 0 for place in range(count)]
    nearest = sorted(range(count), key=lambda place: place != at)
    return next((n for n in nearest if stripes[n].totals.holds < rooms[n]), None)


def _part_of(move: Move, *, amounts: bool, holds: bool) -> Move:
    """What of the move goes to a stripe: only the sum over all of them means something."""
    part = replace(move, holds=0) if amounts else Move()
    return replace(part, holds=move.holds) if holds else part
