"""What a transaction does to one row of the accounts table, and the conditions on that row."""

from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, WorkflowTerms
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.transactions import Posting
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """Condition on the row's level: equal, or none if None. `or_new`: the row may not exist."""

    level: str | None
    or_new: bool = False


@dataclass(frozen=True, slots=True)
class RowPosting:
    """A move of one row. Bounds apply to the row's values before the move. Amounts in USD."""

    move: Move
    shifted: Decimal = ZERO
    """`committed` moved here from other stripes of the account."""
    committed_at_most: Decimal | None = None
    spent_at_least: Decimal | None = None
    holds_below: int | None = None
    lineage: str | None = None
    name: str | None = None
    asserts_name: bool = False
    began_at: datetime | None = None
    began_over: tuple[AccountKey, ...] | None = None
    terms: WorkflowTerms | None = None
    new_terms: WorkflowTerms | None = None
    policy_version: int | None = None
    watched: bool = False
    listed: bool = True
    """True if the row is added to its list."""
    found: Found | None = None
    level: str | None = None
    """The level that the row stores from now on."""
    as_found: Account | None = None
    """Condition: the row's counters are equal to this account's."""


def whole(posting: Posting, *, stripeable: bool) -> RowPosting:
    """Return the posting of an account with one row; `stripeable`: check that it has no level."""
    bound = posting.limit if posting.within else posting.ceiling
    most = None if bound is None else bound - posting.change
    return RowPosting(
        posting.move,
        shifted=posting.correction,
        committed_at_most=most,
        spent_at_least=posting.at_least,
        holds_below=posting.holds_below,
        lineage=posting.lineage,
        name=posting.name,
        asserts_name=posting.asserts_name,
        began_at=posting.began_at,
        began_over=posting.began_over,
        terms=posting.terms,
        new_terms=posting.new_terms,
        policy_version=posting.policy_version,
        watched=posting.watched,
        found=Found(None) if stripeable else None,
    )


def announcement(posting: Posting) -> RowPosting:
    """Return a posting that only stores the policy version on a row."""
    return RowPosting(Move(), policy_version=posting.policy_version, listed=False)
