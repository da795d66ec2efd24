"""Stripes: one account spread over N rows; only the sum of its rows has a meaning.

One row serves a few hundred transactions per second, and every tenant moves the system's account.
Each of the N rows may have `committed` up to its share of the limit and stores the account's level:

- *under*: every stripe is at or below its share. A hold needs room on its own stripe only.
- *over*: no holds are granted. Costs and releases go to any stripe without a condition.

So a grant never takes the sum above the limit. A write that expects another level, or finds no room
on its stripe, first levels all stripes of the account.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from budget_monitor.domain.money import PLACES, ZERO, render
from budget_monitor.domain.values import dataclass

UNIT = Decimal(1).scaleb(-PLACES)
MAX_STRIPES = 32
"""Maximum of stripes: levelling two accounts stays below the 100 items of a transaction."""


@dataclass(frozen=True, slots=True)
class Level:
    """What all stripes of an account have in common.

    `count`: number of stripes, fixed per account and period. `limit`: the account's limit in USD.
    """

    count: int
    limit: Decimal | None
    over: bool = False

    def __str__(self) -> str:
        limit = "none" if self.limit is None else render(self.limit)
        return f"{self.count}/{limit}/{'over' if self.over else 'under'}"

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> "Level":
        """Return the level that `str` wrote."""
        count, limit, side = text.split("/")
        return cls(int(count), None if limit == "none" else Decimal(limit), side == "over")

    def share(self, stripe: int) -> Decimal | None:
        """Return the stripe's share of the limit, in USD; None without a limit."""
        return None if self.limit is None else split(self.limit, self.count)[stripe]


@dataclass(frozen=True, slots=True)
class Shift:
    """Change of one stripe's `committed` in a levelling.

    Condition: `committed` is at most `at_most` before the change.
    """

    change: Decimal
    at_most: Decimal | None = None


def split(amount: Decimal, count: int) -> list[Decimal]:
    """Return equal parts of at most 12 places; the first part includes the remainder."""
    part = (amount / UNIT // count) * UNIT
    return [amount - part * (count - 1), *[part] * (count - 1)]


def stripe_of(name: str, count: int) -> int:
    """Return the stripe for an operation of this name."""
    return crc32(name.encode()) % count


def level_after(count: int, limit: Decimal | None, committed: Decimal) -> Level:
    """Return the level of an account with this sum of `committed`."""
    return Level(count, limit, over=limit is not None and committed > limit)


def levelled(level: Level, committed: Sequence[Decimal], change: Decimal, at: int) -> list[Shift]:
    """Return the shift of each stripe when stripe `at` takes a change of the sum.

    - Under a limit, the remaining headroom is spread evenly. The bounds keep every stripe at or
      below its share, whatever other writers do meanwhile.
    - Without a limit, or over it, only stripe `at` changes.
    """
    if level.limit is None or level.over:
        return [Shift(change if place == at else ZERO) for place in range(len(committed))]
    shares = split(level.limit, level.count)
    headroom = split(level.limit - sum(committed, ZERO) - change, level.count)
    return [
        Shift(share - room - present, at_most=room + present)
        for share, room, present in zip(shares, headroom, committed, strict=True)
    ]


def bounded(committed: Sequence[Decimal], most: Decimal) -> list[Decimal]:
    """Return a maximum for each stripe's `committed`; together they add up to `most`."""
    slack = split(most - sum(committed, ZERO), len(committed))
    return [present + more for present, more in zip(committed, slack, strict=True)]
