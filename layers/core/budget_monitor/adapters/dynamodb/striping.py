"""Write and read striped accounts: one stripe if the levels agree, all stripes if they do not."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from typing import Any

from budget_monitor.adapters.dynamodb.layout import SHARED, Layout
from budget_monitor.adapters.dynamodb.levelling import Levelling, Rows, places, room_for
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting, announcement, whole
from budget_monitor.domain.accounting.accounts import (
    LABELLED,
    NO_MOVE,
    Account,
    AccountKey,
    Move,
    counters,
)
from budget_monitor.domain.accounting.stripes import MAX_STRIPES, Level, stripe_of
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.transactions import Posting
from budget_monitor.domain.values import dataclass

Postings = Mapping[AccountKey, Posting]
Met = list[Sequence[AccountKey]]
"""The rows at which each attempt of one commit met other writers, in order."""
ReadRows = Callable[[Sequence[AccountKey]], Mapping[AccountKey, Account]]

_MAX_KNOWN = 10_000
"""Maximum of accounts whose level a process remembers."""


@dataclass(slots=True)
class _Memory:
    level: Level
    opened: set[int] = field(default_factory=set)


class Striping:
    """Converts postings of accounts to postings of rows.

    It remembers the last known level of each account. This may be stale: every write checks it.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[AccountKey, _Memory] = {}

    def may_grow(self, account: AccountKey) -> bool:
        """True if accounts like this one would have more rows after a growth."""
        if account.period == RUN or account.scope not in SHARED - {LABELLED}:
            return False
        count = self.count(account)
        return count < MAX_STRIPES and count == self._layout.count(account)

    def count(self, account: AccountKey) -> int:
        """Return the number of rows of the account, as far as it is known."""
        known = self._known.get(account)
        return known.level.count if known else self._layout.count(account)

    def in_question(self, row: AccountKey, posting: Posting) -> bool:
        """True if a row may have refused because of its stripes, not for a limit or lineage."""
        if row.scope not in SHARED:
            return False
        return self.count(row._replace(stripe=0)) > 1 or not posting.within

    def shut(self, postings: Postings) -> set[AccountKey]:
        """Return accounts whose stripes would refuse these postings, as far as it is known.

        Their rows are read before the first write.
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

    def max_rows(self, account: AccountKey) -> int:
        """Return the maximum of rows that a move writes: its stripe, and row 0 to open it."""
        return min(self.count(account), 2)

    def rows_of(self, accounts: Iterable[AccountKey]) -> list[AccountKey]:
        """Return the keys of all rows of the accounts."""
        rows = list[AccountKey]()
        for account in dict.fromkeys(accounts):
            rows += _stripes(account, self.count(account))
        return rows

    def fast(self, postings: Postings, name: str, met: Sequence[Sequence[AccountKey]] = ()) -> Rows:
        """Return the rows to write if every account has its last known level.

        `met`: the conflicts of earlier attempts. If only rows 0 were in the way of the last one,
        stripes of these accounts that this process has not seen are expected to exist. Otherwise
        all writers of a new account would wait for row 0. If another row was in the way too,
        leaving out row 0 gains nothing, and a wrong guess would lock that row for nothing.
        """
        rows: Rows = {}
        spared = self._only_rows_0(met[-1]) if met else ()
        for account, posting in postings.items():
            if posting.announces:
                rows |= dict.fromkeys(self.rows_of([account]), announcement(posting))
            elif self.count(account) == 1:
                rows[account] = whole(posting, stripeable=account.scope in SHARED)
            else:
                rows |= self._one_stripe(account, posting, name, spared)
        return rows

    def _only_rows_0(self, met: Sequence[AccountKey]) -> Sequence[AccountKey]:
        """Return these rows if each is row 0 of a striped account; otherwise none."""
        return met if all(row.stripe == 0 and self.count(row) > 1 for row in met) else ()

    def _one_stripe(
        self,
        account: AccountKey,
        posting: Posting,
        name: str,
        spared: Collection[AccountKey],
    ) -> Rows:
        level, known = self._expected(account, posting), self._known.get(account)
        stripe = stripe_of(name, level.count)
        opened = known is not None and known.level == level and stripe in known.opened
        opened = opened or (stripe > 0 and account in spared)
        rows = {
            _stripes(account, level.count)[stripe]: RowPosting(
                posting.move,
                shifted=posting.correction,
                committed_at_most=room_for(posting, level, stripe),
                holds_below=places(posting.holds_below, level.count, stripe),
                lineage=posting.lineage,
                policy_version=posting.policy_version,
                watched=posting.watched,
                found=Found(str(level), or_new=not opened),
                level=None if opened else str(level),
            )
        }
        if stripe and not opened:
            # Row 0 stores the stripe count; opening another row is conditional on it.
            found = Found(str(level), or_new=True)
            version = posting.policy_version
            rows[account] = RowPosting(
                Move(), policy_version=version, found=found, level=str(level)
            )
        return rows

    def _expected(self, account: AccountKey, posting: Posting) -> Level:
        """Return the expected level of the rows: the last known one, or that of a new account."""
        known = self._known.get(account)
        if known and (posting.follows or known.level.limit == posting.limit):
            # An account over its limit grants nothing, so a hold expects it to be under.
            return replace(known.level, over=known.level.over and not posting.within)
        return Level(self.count(account), posting.limit)

    def outdated(self, postings: Postings, found: Mapping[AccountKey, Sequence[Account]]) -> bool:
        """True if a row has a later policy version than its posting."""
        return any(
            (postings[account].policy_version or 0) < stripe.policy_version
            for account, stripes in found.items()
            for stripe in stripes
            if postings[account].policy_version is not None
        )

    def slow(
        self, postings: Postings, name: str, found: Mapping[AccountKey, Sequence[Account]]
    ) -> Rows | None:
        """Return the rows to write with the found accounts levelled; None: it does not fit.

        An account whose rows have the right level already is written as in `fast`.
        """
        levelling, levelled = dict[AccountKey, RowPosting](), set[AccountKey]()
        for account, stripes in found.items():
            plan = Levelling.of(postings[account], name, stripes)
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
        """Return the rows that level one account before its move; None: it does not fit."""
        plan = Levelling.of(posting, name, stripes)
        return None if plan is None else plan.rows(account, moving=False)

    def wrote(self, rows: Rows) -> None:
        """Remember the levels of rows that were written successfully."""
        for row, posting in rows.items():
            level = posting.level or (posting.found.level if posting.found else None)
            if level is not None:
                self._remember(row._replace(stripe=0), Level.parse(level), {row.stripe})

    def learn(self, rows: Mapping[AccountKey, Account]) -> bool:
        """Remember the levels of these rows; True if an account has more rows than were read."""
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
        """Remember that all of these rows exist, and their levels."""
        for place, one in enumerate(stripes):
            if one.level is not None and len(stripes) > 1:
                self._remember(account, Level.parse(one.level), {place})

    def _remember(self, account: AccountKey, level: Level, opened: Iterable[int]) -> None:
        known = self._known.get(account)
        if known is None or known.level != level:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known = self._known[account] = _Memory(level)
        known.opened |= set(opened)


@lru_cache(maxsize=1024)
def _stripes(account: AccountKey, count: int) -> tuple[AccountKey, ...]:
    return (account, *(account._replace(stripe=stripe) for stripe in range(1, count)))


def total(account: AccountKey, stripes: Sequence[Account]) -> Account:
    """Return the account as the sum of its rows."""
    if len(stripes) == 1:
        return stripes[0]
    moved = (counters(stripe.totals) for stripe in stripes if stripe.totals is not NO_MOVE)
    sums: map[Any] = map(sum, zip(*moved, strict=True))
    committed = sum((stripe.committed for stripe in stripes), ZERO)
    return replace(
        stripes[0],
        key=account,
        totals=Move(*sums),
        policy_version=max(stripe.policy_version for stripe in stripes),
        committed=committed,
        seen=any(stripe.seen for stripe in stripes),
    )


def present(rows: Sequence[AccountKey], found: Mapping[AccountKey, Account]) -> list[Account]:
    """Return an account's first row, all zeros if there is none, and its other rows that exist."""
    first, *others = rows
    return [found.get(first) or Account(first), *(found[row] for row in others if row in found)]


def complete(
    wanted: Iterable[AccountKey], found: Iterable[Account]
) -> Mapping[AccountKey, Account]:
    """Return the wanted rows by key; a row that was not found is all zeros."""
    known = {account.key: account for account in found}
    return {key: known.get(key) or Account(key) for key in wanted}


def rows_as_found(striping: Striping, postings: Postings, name: str, read: ReadRows) -> Rows | None:
    """Return the rows to write, each conditional on its current counters.

    None if an account has changed since it was read for its posting.
    """
    accounts = [account for account, posting in postings.items() if posting.as_found]
    rows = read(striping.rows_of(accounts))
    stripes = {account: [rows[row] for row in striping.rows_of([account])] for account in accounts}
    for account, found in stripes.items():
        now, then = total(account, found), postings[account].as_found
        if then is None or (now.totals, now.committed) != (then.totals, then.committed):
            return None
    written = striping.slow(postings, name, stripes)
    if written is None:
        return None
    for found in stripes.values():
        for row in found:
            posting = written.get(row.key) or _unmoved(row, found)
            written[row.key] = replace(posting, as_found=row)
    return written


def _unmoved(row: Account, stripes: Sequence[Account]) -> RowPosting:
    """Return a posting that only checks the row, and creates it at the level of the others."""
    level = row.level or next((one.level for one in stripes if one.level), None)
    return RowPosting(Move(), listed=False, found=Found(level, or_new=True), level=level)
