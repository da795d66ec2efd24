"""Stripes: one account over several rows, of which only the sum means something.

All tenants move the system's account, and one row serves some hundred transactions a second. Over
N rows each may carry `committed` up to its share of the limit. The rule that keeps the sum strict:
no stripe is above its share while another is below it. So an account stands *under* its limit
(every stripe at or below its share) or *over* it (every stripe at or above), and says so on every
row: its level. Whoever finds another level than he counts on levels all stripes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from budget_monitor.domain.money import PLACES, ZERO, render

UNIT = Decimal(1).scaleb(-PLACES)


@dataclass(frozen=True, slots=True)
class Level:
    """What all stripes of an account agree on.

    `count`: how many they are, fixed for an account and period. `limit`: what they share, in USD.
    """

    count: int
    limit: Decimal | None
    over: bool = False

    def __str__(self) -> str:
        limit = "none" if self.limit is None else render(self.limit)
        return f"{self.count}/{limit}/{'over' if self.over else 'under'}"

    @classmethod
    def parse(cls, text: str) -> "Level":
        """The level that `str` wrote."""
        count, limit, side = text.split("/")
        return cls(int(count), None if limit == "none" else Decimal(limit), side == "over")

    def share(self, stripe: int) -> Decimal | None:
        """The stripe's part of the limit, in USD; None without a limit."""
        return None if self.limit is None else split(self.limit, self.count)[stripe]


@dataclass(frozen=True, slots=True)
class Shift:
    """What a levelling does to one stripe: change `committed`, if it then is within bounds."""

    change: Decimal
    at_most: Decimal | None = None
    at_least: Decimal | None = None


def split(amount: Decimal, count: int) -> list[Decimal]:
    """The amount in equal parts of at most 12 places; the first part takes the remainder."""
    part = (amount / UNIT // count) * UNIT
    return [amount - part * (count - 1), *[part] * (count - 1)]


def stripe_of(name: str, count: int) -> int:
    """The stripe that an operation of this name works on."""
    return crc32(name.encode()) % count


def level_after(count: int, limit: Decimal | None, committed: Decimal) -> Level:
    """The level of an account that has this much committed in sum."""
    return Level(count, limit, over=limit is not None and committed > limit)


def levelled(level: Level, committed: Sequence[Decimal], change: Decimal) -> list[Shift]:
    """How to reach the level of a limited account when its sum changes by `change`.

    Headroom (or overrun) is spread evenly. The bounds hold for each stripe before its shift, so
    that whatever others do meanwhile, all stripes end on the level's side of their shares.
    """
    if level.limit is None:
        return [Shift(change), *[Shift(ZERO)] * (level.count - 1)]
    headroom = split(level.limit - sum(committed, ZERO) - change, level.count)
    shifts = []
    for share, room, present in zip(
        split(level.limit, level.count), headroom, committed, strict=True
    ):
        shift = share - room - present
        bound = share - shift
        shifts.append(Shift(shift, at_least=bound) if level.over else Shift(shift, at_most=bound))
    return shifts
