"""Writes that require unchanged accounts; a rebuild uses them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from budget_monitor.adapters.dynamodb.levelling import Rows
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.striping import Postings, Striping, total
from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move

ReadRows = Callable[[Sequence[AccountKey]], Mapping[AccountKey, Account]]


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
