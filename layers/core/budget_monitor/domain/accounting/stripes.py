"""Stripes: one account over several rows, of which only the sum means something.

All tenants move the system's account, and one row serves some hundred transactions a second. Over
N rows each may carry `committed` up to its share of the limit. Every row says the account's level:

- *under*: every stripe is at or below its share. A debit needs room on its own stripe only.
- *over*: nothing more is granted. Costs and credits go to any stripe without a condition.

So the sum never passes the limit by a grant. A write that counts on another level, or finds no room
on its own stripe, levels all stripes of the account first.
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
    """What a levelling does to one stripe: change `committed`, if it is at most that before."""

    change: Decimal
    at_most: Decimal | None = None


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


def levelled(level: Level, committed: Sequence[Decimal], change: Decimal, at: int) -> list[Shift]:
    """How each stripe changes to reach the level when stripe `at` takes a change of the sum.

    Under a limit, the headroom that is left is spread evenly, with bounds that keep every stripe
    at or below its share whatever others do meanwhile. Without a limit or over it, only the
    stripe `at` changes.
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
    """The most that each stripe may carry so that all together carry at most that sum."""
    slack = split(most - sum(committed, ZERO), len(committed))
    return [present + more for present, more in zip(committed, slack, strict=True)]
