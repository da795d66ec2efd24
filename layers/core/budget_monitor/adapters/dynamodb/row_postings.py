"""What a transaction does to one row of the accounts table, and what it counts on there."""

from dataclasses import dataclass
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, WorkflowTerms
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.transactions import Posting


@dataclass(frozen=True, slots=True)
class Found:
    """The level that the row must say: this one, or None for none; or, `or_new`, no row yet."""

    level: str | None
    or_new: bool = False


@dataclass(frozen=True, slots=True)
class RowPosting:
    """A move of one row. The bound is on what the row has committed before it."""

    move: Move
    shifted: Decimal = ZERO
    """Committed that comes from other stripes of the same account."""
    committed_at_most: Decimal | None = None
    spent_at_least: Decimal | None = None
    holds_below: int | None = None
    lineage: str | None = None
    name: str | None = None
    asserts_name: bool = False
    began_over: tuple[AccountKey, ...] | None = None
    terms: WorkflowTerms | None = None
    new_terms: WorkflowTerms | None = None
    policy_version: int | None = None
    watched: bool = False
    listed: bool = True
    """Whether the row is found in its list from now on."""
    found: Found | None = None
    level: str | None = None
    """The level that the row says from now on."""
    as_found: Account | None = None
    """The row as it was read: its counters must be the same."""


def whole(posting: Posting, *, stripeable: bool) -> RowPosting:
    """The posting of an account that is one row. One that could be striped must not be."""
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
        began_over=posting.began_over,
        terms=posting.terms,
        new_terms=posting.new_terms,
        policy_version=posting.policy_version,
        watched=posting.watched,
        found=Found(None) if stripeable else None,
    )


def announcement(posting: Posting) -> RowPosting:
    """What says on a row that the policy changed, and nothing else."""
    return RowPosting(Move(), policy_version=posting.policy_version, listed=False)
