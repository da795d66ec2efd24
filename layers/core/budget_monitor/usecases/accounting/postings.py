"""Build all postings: how a transaction changes each account, and on which condition.

Only the postings of a transaction change the rows of an account. Each function below returns the
postings of one kind of transaction:

- `holding` holds money; `returning` returns it;
- `booking` books a cost; `settling` books it and returns its hold; `summed` books a batch;
- `opening` books no amount: it stores the run and the day of a quarantined cost;
- `correcting` books an adjustment, on condition that the net cost stays at or above zero;
- `rebuilding` adds what a comparison found missing;
- `changing_terms` pauses or resumes a workflow, or changes its limit.

`Posting.announcing` announces a change of rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    WorkflowTerms,
    net_key,
    occurred_key,
)
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.holds.reservations import HoldDraw, HoldEnd, Reservation
from budget_monitor.domain.periods import day_of
from budget_monitor.domain.transactions import Posting
from budget_monitor.usecases.accounting.plan import Plan

Postings = Mapping[AccountKey, Posting]
NOTHING: Postings = MappingProxyType({})


def holding(reservation: Reservation, plan: Plan) -> Postings:
    """Hold the amount at every gate, if it fits there and the tenant may have one hold more."""
    amounts, ceilings = reservation.hold.amounts, plan.ceilings
    return {
        account: Posting(
            Move(held=amounts.of(account.unit), holds=1),
            limit,
            within=account not in ceilings,
            ceiling=ceilings.get(account),
            holds_below=plan.policy.max_holds if account == plan.tenant_month else None,
            lineage=plan.lineage_of(account),
            name=plan.name_of(account),
            asserts_name=plan.asserts_name(account),
            began_at=_began_at(account, plan),
            began_over=plan.beginnings.get(account),
            terms=plan.terms if account == plan.workflow else None,
            policy_version=plan.version_of(account),
        )
        for account, limit in plan.limits.items()
    }


def returning(change: HoldEnd | HoldDraw, plan: Plan) -> Postings:
    """Return a hold's money to the accounts that it was held on: all of it, or what is drawn."""
    returned, limits = change.returned, plan.limits
    ended = 1 if isinstance(change, HoldEnd) else 0
    return {
        account: Posting(
            Move(held=-returned.of(account.unit), holds=-ended),
            limits.get(account),
            follows=plan.follows(account, limits),
        )
        for account in change.expected.hold.accounts
    }


def booking(entry: Entry, plan: Plan, returned: Postings = NOTHING) -> Postings:
    """Book a cost on each of its accounts; assert the lineage of its runs.

    `returned`: postings that return what the cost replaces; their moves are added.
    """
    if entry.quarantined:
        opened = opening(entry, plan).items()
        return {k: replace(one, move=_with(returned.get(k), one.move)) for k, one in opened}
    limits, watched = plan.limits, plan.watched
    return {
        account: Posting(
            _with(returned.get(account), entry.move_in(account.unit)),
            limits.get(account),
            follows=plan.follows(account, limits),
            lineage=plan.lineage_of(account),
            name=plan.name_of(account),
            asserts_name=plan.asserts_name(account),
            began_at=_began_at(account, plan),
            began_over=plan.beginnings.get(account),
            policy_version=plan.version_of(account),
            watched=account in watched,
        )
        for account in entry.moved
    }


def settling(entry: Entry, plan: Plan, change: HoldEnd | HoldDraw, held_by: Plan) -> Postings:
    """Book the cost and return what it replaces. `held_by`: the plan of the hold."""
    returned = returning(change, held_by)
    return {**returned, **booking(entry, plan, returned)}


def _with(returned: Posting | None, move: Move) -> Move:
    return move + returned.move if returned else move


def opening(entry: Entry, plan: Plan) -> Postings:
    """Book no amount. Store the runs and the day of a quarantined cost, so that it is found."""
    asserted = {run: plan.lineage_of(run) for run in plan.lineages}
    runs = {
        run: Posting(lineage=lineage, name=plan.name_of(run), began_at=_began_at(run, plan))
        for run, lineage in asserted.items()
        if lineage is not None
    }
    return {**runs, occurred_key(entry.tenant_id, day_of(entry.occurred_at, "UTC")): Posting()}


def summed(costs: Iterable[tuple[Entry, Plan]]) -> Postings:
    """Book many costs at once: one posting per account, with the sum of their moves."""
    sums: dict[AccountKey, Posting] = {}
    for entry, plan in costs:
        for account, posting in booking(entry, plan).items():
            before = sums.get(account, Posting())
            sums[account] = replace(
                posting,
                move=before.move + posting.move,
                policy_version=_older(before.policy_version, posting.policy_version),
                lineage=before.lineage or posting.lineage,
                name=before.name or posting.name,
                asserts_name=before.asserts_name or posting.asserts_name,
                began_over=posting.began_over,
                watched=before.watched or posting.watched,
            )
    return sums


def _began_at(account: AccountKey, plan: Plan) -> datetime | None:
    """When a run that the plan opens began; None for an account that is no run."""
    if not account.is_run:
        return None
    return plan.occurred_at if plan.booking.backfill else plan.at


def _older(one: int | None, other: int | None) -> int | None:
    """Return the lower of two policy versions; None if both are None."""
    return min((version for version in (one, other) if version is not None), default=None)


def correcting(entry: Entry, original: Entry, plan: Plan) -> Postings:
    """Book an adjustment, on condition that the net of its cost stays at or above zero."""
    limits, watched = plan.limits, plan.watched
    postings = {
        account: Posting(
            entry.move_in(account.unit),
            limits.get(account),
            follows=plan.follows(account, limits),
            policy_version=plan.version_of(account),
            watched=account in watched,
        )
        for account in entry.moved
    }
    net = net_key(entry.tenant_id, original.entry_id)
    postings[net] = replace(postings[net], at_least=-original.amount - entry.amount)
    return postings


def rebuilding(
    account: AccountKey, missing: Move, committed_off: Decimal, as_found: Account | None
) -> Postings:
    """Add what is missing, on condition that the counters are still those that were compared.

    `committed_off` is added to the stored `committed` only, in USD.
    """
    return {
        account: Posting(missing, follows=True, correction=committed_off, as_found=as_found),
    }


def changing_terms(
    workflow: AccountKey, before: WorkflowTerms, after: WorkflowTerms, at: datetime
) -> Postings:
    """Pause or resume a workflow, or change its limit. Empty if the terms do not change."""
    if before == after:
        return {}
    return {workflow: Posting(terms=before, new_terms=after, began_at=at)}
