"""Check whether a run may spend, without holding money."""

from collections.abc import Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.errors import (
    ConflictError,
    UnavailableError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.holds.standing import standings_of
from budget_monitor.domain.units import Amounts
from budget_monitor.ports import Accounts
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.advice import Advice
from budget_monitor.usecases.holds.decision import Ask, Decision
from budget_monitor.usecases.holds.expire import Sweeping
from budget_monitor.usecases.holds.judge import Room, decided
from budget_monitor.usecases.holds.recent_refusals import Refusals

_FEW_HOLDS = 20


class Checking:
    """The use case of `check`."""

    def __init__(
        self, store: Accounts, planner: Planner, sweeping: Sweeping, refusals: Refusals
    ) -> None:
        self._store = store
        self._planner = planner
        self._room = Room(sweeping, refusals)
        self._advice = Advice(store, planner)

    def check(self, ask: Ask) -> Decision:
        """Return what `reserve` would answer now. Takes one batch read.

        Cached copies may answer if no limit is near. Otherwise the store decides, and a refusal
        first frees expired holds. Raises UnknownPriceError if the estimate is a usage without a
        price, and TooManyHoldsError as `reserve` does.
        """
        plan, told = self._planner.recently(ask.tenant_id, ask.labels)
        plan = replace(plan, wrap_up=True) if ask.wrap_up else plan
        seen = self._store.recent(plan.gated_accounts)
        origin = told.joined(seen.origin)
        copied = self._copied(ask, plan, seen.accounts) if origin.cached else None
        if copied:
            return replace(copied, origin=origin)
        if told.cached:
            plan = self._planner.plan(ask.tenant_id, ask.labels, ask.estimate)
            plan = replace(plan, wrap_up=ask.wrap_up)
        else:
            plan = self._planner.priced(plan, ask.estimate)
        return self._checked(plan, {} if seen.origin.cached else seen.accounts)

    def _copied(
        self, ask: Ask, plan: Plan, accounts: Mapping[AccountKey, Account]
    ) -> Decision | None:
        """Return the answer from cached copies if they allow it beyond doubt, or None."""
        try:
            _, bill = self._planner.billed(replace(plan, spent=ask.estimate)).priced
        except (UnknownPriceError, ValidationError, UnavailableError):
            return None
        above = plan.policy.is_above_ceiling(bill.amount)
        if above or not copies_allow(plan, accounts, bill.amounts):
            return None
        decision = decided(plan, accounts, bill.amounts)
        priced = replace(plan, spent=ask.estimate, bill=bill)
        return self._advice.given(priced, replace(decision, quote=bill.kept_quote))

    def _checked(self, plan: Plan, accounts: Mapping[AccountKey, Account]) -> Decision:
        """Return the store's answer. `accounts`: accounts already read."""
        for _ in range(MAX_ROUNDS):
            if not accounts.keys() >= set(plan.gated_accounts):
                accounts = self._store.accounts(plan.gated_accounts)
            plan = self._planner.follow(plan, accounts)
            if accounts.keys() >= set(plan.gated_accounts):
                break
        _, bill = plan.priced
        swept = False
        for _ in range(MAX_ROUNDS):
            decision = decided(plan, accounts, bill.amounts)
            made = self._room.made(plan, decision, accounts, swept=swept)
            unexplained = decision.refused_by_month and plan.late not in accounts
            if not made and not unexplained:
                quote = bill.kept_quote
                decision = replace(decision, quote=quote) if quote else decision
                return self._advice.given(plan, decision, accounts)
            swept = swept or not decision.verdict.allowed
            accounts = self._store.accounts(plan.refusal_accounts if swept else plan.gated_accounts)
        raise too_many_rounds()


def copies_allow(plan: Plan, accounts: Mapping[AccountKey, Account], asked: Amounts) -> bool:
    """True if copies allow the amounts beyond doubt. Copies never refuse.

    The store decides in any of these cases:

    1. a person stopped the tenant or the workflow, or the policy is damaged or doubtful;
    2. the months' rows have another policy version than this policy;
    3. the rows have terms or a lineage that the plan does not have;
    4. a gate is near its limit;
    5. the tenant is near its maximum of open holds.
    """
    if plan.stopped or not _same_policy(plan, accounts):
        return False
    try:
        known = plan.following(accounts) == plan
    except ConflictError:
        return False
    if not known or _near_most_holds(plan, accounts):
        return False
    return not any(one.near for one in standings_of(plan.gates, accounts, asked))


def _near_most_holds(plan: Plan, accounts: Mapping[AccountKey, Account]) -> bool:
    """True if fewer than 20 holds, or than a tenth of the maximum, can still be opened."""
    most = plan.policy.max_holds
    left = most - accounts[plan.tenant_month].totals.holds
    return left < max(most // 10, _FEW_HOLDS)


def _same_policy(plan: Plan, accounts: Mapping[AccountKey, Account]) -> bool:
    """True if the months' rows have exactly this policy's versions."""
    versions = ((one.policy_version, plan.version_of(key)) for key, one in accounts.items())
    return all(there == here for there, here in versions if here is not None)
