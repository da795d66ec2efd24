"""Level one striped account: bring all rows to one level, with room for a posting."""

from collections.abc import Sequence
from dataclasses import replace
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
from budget_monitor.domain.values import dataclass

Rows = dict[AccountKey, RowPosting]


def room_for(posting: Posting, level: Level, stripe: int) -> Decimal | None:
    """Return the maximum `committed` of a stripe before the move; None: no bound.

    With it, the stripe is at or below its share after the move.
    """
    share = level.share(stripe)
    if share is None or level.over or (posting.change <= 0 and not posting.within):
        return None
    return share - posting.change


def places(most: int | None, count: int, stripe: int) -> int | None:
    """Return a stripe's part of a count. Stripe 0 has the remainder."""
    if most is None:
        return None
    return most // count + (most % count if stripe == 0 else 0)


@dataclass(frozen=True, slots=True)
class Levelling:
    """The changes that bring all rows of one account to one level, with room for a posting."""

    posting: Posting
    stripes: Sequence[Account]
    level: Level
    at: int
    """The stripe that gets the amount."""
    holds_at: int
    """The stripe that counts the open reservation: one that has not reached its maximum."""

    @classmethod
    def of(cls, posting: Posting, name: str, stripes: Sequence[Account]) -> "Levelling | None":
        """Return the levelling of these current rows; None if the posting does not fit."""
        count, committed = len(stripes), sum((one.committed for one in stripes), ZERO)
        limit = _limit_found(stripes) if posting.follows else posting.limit
        after, at = committed + posting.change, stripe_of(name, count)
        most = limit if posting.within else posting.ceiling
        free = at if posting.holds_below is None else _free(stripes, posting.holds_below, at)
        if free is None or (most is not None and after > most):
            return None
        # For a release the level is that of `committed` before it: it may also be written alone.
        level = level_after(count, limit, max(after, committed))
        return cls(posting, stripes, level, at, free)

    @property
    def needed(self) -> bool:
        """True if a write of the stripe alone would fail."""
        if len(self.stripes) == 1:
            return False
        # A row that does not exist yet counts as under. A level `over` must be on every row.
        fine = {str(self.level)} if self.level.over else {str(self.level), None}
        if {one.level for one in self.stripes} - fine or self.posting.ceiling is not None:
            return True
        most = room_for(self.posting, self.level, self.at)
        full = most is not None and self.stripes[self.at].committed > most
        return full or self.holds_at != self.at

    def rows(self, account: AccountKey, *, moving: bool = True) -> Rows:
        """Return the postings of all rows of the account; `moving`: including the move."""
        posting, count = self.posting, len(self.stripes)
        committed = [one.committed for one in self.stripes]
        change = posting.change if moving else max(posting.change, ZERO)
        own = posting.move.committed if moving else change
        shifts = levelled(self.level, committed, change, self.at)
        bounds = [one.at_most for one in shifts]
        if posting.ceiling is not None and self.level.over:
            bounds = [*bounded(committed, posting.ceiling - posting.change)]
        return {
            account._replace(stripe=place): RowPosting(
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
    """Return the limit of the rows' stored level, in USD; None: no limit or no level."""
    level = next((one.level for one in stripes if one.level is not None), None)
    return None if level is None else Level.parse(level).limit


def _free(stripes: Sequence[Account], most: int, at: int) -> int | None:
    """Return a stripe that can count one more reservation, preferably `at`; None: all full."""
    if sum(one.totals.holds for one in stripes) >= most:
        return None
    count = len(stripes)
    rooms = [places(most, count, place) or 0 for place in range(count)]
    nearest = sorted(range(count), key=lambda place: place != at)
    return next((n for n in nearest if stripes[n].totals.holds < rooms[n]), None)


def _part_of(move: Move, *, amounts: bool, holds: bool) -> Move:
    """Return a stripe's part of the move."""
    part = replace(move, holds=0) if amounts else Move()
    return replace(part, holds=move.holds) if holds else part
