"""One look at a tenant's accounts: their rows now, and the sums of the lists read before them.

Rows are read strongly consistent. Lists come from indexes, which may lag. A look is judged twice:

1. at once, by its own lists,
2. in hindsight, by the lists of a later look, which have everything committed before the first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.units import NONE_ASKED
from budget_monitor.usecases.reconcile.differences import CLOCKS_APART, COMMIT_WITHIN
from budget_monitor.usecases.reconcile.sums import Tally

NOTHING = Move()
MAX_UNSURE = 10
"""Maximum of unsure moves whose combinations are all tried."""


@dataclass(frozen=True, slots=True)
class OpenHolds:
    """Moves of open holds per account: open during the whole look (`sure`), or not (`unsure`).

    A draw during the look makes unsure what it took from its hold.
    """

    sure: Mapping[AccountKey, Move]
    unsure: Mapping[AccountKey, list[Move]]

    @classmethod
    def between(
        cls, before: Mapping[str, Reservation], after: Mapping[str, Reservation]
    ) -> "OpenHolds":
        """Return the holds of a look, from the lists read before and after its rows."""
        sure: dict[AccountKey, Move] = {}
        unsure: dict[AccountKey, list[Move]] = {}
        for name, one in {**before, **after}.items():
            whole = name in before and name in after
            draws = one.drawn.draws - before[name].drawn.draws if whole else 0
            taken = before[name].left.less(one.left) if draws else NONE_ASKED
            for account in one.hold.accounts:
                move = Move(held=one.left.of(account.unit), holds=1)
                if whole:
                    sure[account] = sure.get(account, NOTHING) + move
                else:
                    unsure.setdefault(account, []).append(move)
                if draws:  # what each of several took is not known: too many to try
                    steps = 1 if draws == 1 else MAX_UNSURE + 1
                    drawn = [Move(held=taken.of(account.unit))] * steps
                    unsure.setdefault(account, []).extend(drawn)
        return cls(sure, unsure)


@dataclass(slots=True)
class Look:
    """The accounts read between two instants, and the sums of their lists."""

    tally: Tally
    holds: OpenHolds
    began: datetime
    ended: datetime
    rows: dict[AccountKey, Account] = field(default_factory=dict)
    months: frozenset[str] = frozenset()
    """Months of which all days were read."""
    whole: bool = False
    """True if all days of the ledger were read, not only those around the month."""

    def booked_off(self, key: AccountKey) -> Move:
        """Return the account's booked counters minus its listed entries."""
        listed = self.tally.sums.get(key)
        found = booked(self.rows[key].totals)
        return found - listed.move if listed else found

    def held_off(self, key: AccountKey) -> frozenset[Move] | None:
        """Return its possible differences from the listed open holds; None if too many changed."""
        off = held(self.rows[key].totals) - self.holds.sure.get(key, NOTHING)
        return _possible(off, self.holds.unsure.get(key, []))

    def committed_off(self, key: AccountKey) -> Decimal:
        """Return spent + held minus the stored `committed`, in USD."""
        row = self.rows[key]
        return row.totals.committed - row.committed

    def counts_holds(self, month: AccountKey) -> bool:
        """True if the tenant's month counts as many open holds as are listed for it."""
        listed = self.holds.sure.get(month, NOTHING)
        return self.rows[month].totals.holds == listed.holds and month not in self.holds.unsure

    def booked_off_in_hindsight(self, key: AccountKey, later: "Look") -> frozenset[Move]:
        """Return the possible differences by a later look's lists; empty if they are not known.

        An entry counts if it was listed before these rows were read, or was recorded so long before
        that it was committed by then. An entry that may have been in flight is tried both ways.
        """
        if key not in self.rows or self.tally.crowded or later.tally.crowded:
            return frozenset()
        listed = later.tally.sums.get(key)
        off, unsure = booked(self.rows[key].totals), list[Move]()
        off = off - listed.move if listed else off
        for young in later.tally.young.get(key, []):
            if young.entry_id in self.tally.seen or young.recorded_at < self.began - COMMIT_WITHIN:
                continue
            off += young.move
            if young.recorded_at <= self.ended + CLOCKS_APART:
                unsure.append(young.move)
        return _possible(off, unsure) or frozenset()


def booked(move: Move) -> Move:
    """Return the counters that entries move."""
    return replace(move, held=ZERO, holds=0)


def held(move: Move) -> Move:
    """Return the counters that holds move."""
    return Move(held=move.held, holds=move.holds)


def simplest(moves: Iterable[Move]) -> Move | None:
    """Return the move that changes the fewest counters, and by the least amount; None if empty."""
    return min(moves, key=_size, default=None)


def _size(move: Move) -> tuple[int, Decimal, int]:
    changed = [move.spent, move.workflow_spent, move.entries, move.tokens, move.input_tokens]
    return sum(bool(one) for one in changed), abs(move.spent), abs(move.entries)


def _possible(off: Move, unsure: list[Move]) -> frozenset[Move] | None:
    """Return the difference minus each combination of unsure moves; None if too many."""
    if len(unsure) > MAX_UNSURE:
        return None
    found = {off}
    for move in unsure:
        found |= {one - move for one in found}
    return frozenset(found)
