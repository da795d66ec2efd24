"""A tenant's month by agent, model, day, user, tag, workflow name or provider."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    MODEL,
    PROVIDER,
    RANKED_NAMES,
    TAG,
    TENANT,
    USER,
    WORKFLOW_NAME,
    Account,
    Move,
    listing,
    tenant_key,
)
from budget_monitor.domain.accounting.breakdowns import labelled_keys
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.rules.matching import ModelNames
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules, rules_key
from budget_monitor.ports import Clock, Policies, Reads
from budget_monitor.usecases.reports.folding import folded
from budget_monitor.usecases.reports.order import Line, ordered, page_of, refuse_foreign
from budget_monitor.usecases.reports.reader import Reader
from budget_monitor.usecases.reports.report import Breakdown, Sourced

DAYS = TENANT
"""The scope of a tenant's days."""
SCOPES = (AGENT, MODEL, DAYS, USER, TAG, WORKFLOW_NAME, PROVIDER)
PEOPLE = frozenset({USER, TAG})
COUNTED = RANKED_NAMES | {PROVIDER}
"""Scopes whose costs without a label have no account of their own."""
_SHOWN = "shown"
"""In a position: the line without a name was on an earlier page."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The requested breakdown: scope, month, and part."""

    scope: str
    month: str | None
    limit: int
    after: str | None
    by_tenant: bool = False
    """The system's breakdowns only: a line for each name of each tenant."""


class Breakdowns:
    """The use cases of a tenant's breakdowns. None of them writes."""

    def __init__(self, store: Reads, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def costs(self, tenant_id: str, cut: Cut) -> Sourced[Breakdown]:
        """Return a part of a breakdown, the largest spend first; days in their order.

        Users, tags and workflow names are read from a list in the order of spend: one query and
        the accounts of the page. The others are few and read whole, 100 in a request. Raises
        ValidationError for a cursor of another list.
        """
        reader = Reader(self._store, self._policies, self._clock, strictly=cut.scope in COUNTED)
        policy = reader.policy(tenant_id)
        month = cut.month or policy.calendar.name(MONTH, self._clock.now())
        if cut.scope in PEOPLE and self._is_erased(tenant_id, policy):
            found = self._erased(tenant_id, month)
        elif cut.scope in RANKED_NAMES:
            found = self._by_spend(tenant_id, cut, month)
        elif cut.scope == DAYS:
            days = [tenant_key(tenant_id, one) for one in policy.calendar.days(month)]
            known = reader.accounts(days)
            lines: list[Line] = [(one.period, known[one]) for one in days if known[one].seen]
            found = page_of_days(month, lines, cut)
        else:
            found = self._whole(reader, tenant_id, cut, month, policy.matcher.models)
        return Sourced(found, reader.origin)

    def _whole(
        self, reader: Reader, tenant_id: str, cut: Cut, month: str, models: ModelNames
    ) -> Breakdown:
        """A page of a breakdown of which all accounts are read. `models`: with the aliases."""
        keys = self._store.listed(listing(tenant_id, cut.scope, month))
        lines = [(one.key.scope_id or None, one) for one in reader.accounts(keys).values()]
        if cut.scope == PROVIDER:
            total, unnamed = self._unnamed(tenant_id, PROVIDER, month)
            lines += [(None, unnamed)] if unnamed else []
        else:
            total = sum((one.totals.spent for _, one in lines), ZERO)
        merged, spellings = folded(cut.scope, lines, models)
        page = page_of(ordered(merged), cut.limit, cut.after)
        return Breakdown.of(cut.scope, month, page, total, spellings)

    def _by_spend(self, tenant_id: str, cut: Cut, month: str) -> Breakdown:
        """A page of a list by spend. The line without a name has its place among the others."""
        ranking = listing(tenant_id, cut.scope, month)
        start, shown = _start(ranking, cut.after)
        total, unnamed = self._unnamed(tenant_id, cut.scope, month)
        found = self._store.ranked(ranking, cut.limit, start)
        places, more = [*found.items], found.more
        full = len(places) == cut.limit
        here = False
        if unnamed and not shown:
            here = not (more or full) or _is_above(unnamed, places[-1][0])
            if full:
                places, more = places[:-1] if here else places, True
        accounts = self._store.accounts(one for _, one in places)
        lines: list[Line] = [(one.scope_id, accounts[one]) for _, one in places]
        if unnamed and here:
            lines.append((None, unnamed))
        last = places[-1][0] if places else start
        position = key(last or "", _SHOWN if shown or here else "")
        return Breakdown(month, ordered(lines), total, None, position if more else None)

    def _unnamed(self, tenant_id: str, scope: str, month: str) -> tuple[Decimal, Account | None]:
        """Return a month's spend and its costs without a label of this scope, at one instant.

        Costs that were booked before there were accounts for the label are among these.
        """
        whole, named = tenant_key(tenant_id, month), labelled_keys(tenant_id, scope, month)
        found = self._store.snapshot([whole, *named]).accounts
        totals = found[whole].totals - sum((found[one].totals for one in named), Move())
        unnamed = replace(found[whole], totals=replace(totals, held=ZERO, holds=0))
        return found[whole].totals.spent, unnamed if is_seen(unnamed.totals) else None

    def _is_erased(self, tenant_id: str, policy: Policy) -> bool:
        """True if the names of people were erased: such a tenant is suspended for good."""
        if not policy.suspended:
            return False
        stored = self._store.documents([rules_key(tenant_id)]).get(rules_key(tenant_id))
        return stored is not None and (
            Rules.load(tenant_id, stored.version, stored.body).erased_at is not None
        )

    def _erased(self, tenant_id: str, month: str) -> Breakdown:
        """The sum of a month whose names were erased."""
        whole = tenant_key(tenant_id, month)
        account = self._store.accounts([whole])[whole]
        lines: list[Line] = [(None, account)] if is_seen(account.totals) else []
        return Breakdown(month, lines, account.totals.spent)


def page_of_days(month: str, days: Sequence[Line], cut: Cut) -> Breakdown:
    """A page of days, given in their order, that have a cost."""
    total = sum((account.totals.spent for _, account in days), ZERO)
    left = [one for one in days if cut.after is None or (one[0] or "") > cut.after]
    page = left[: cut.limit]
    return Breakdown(month, page, total, None, page[-1][0] if len(left) > cut.limit else None)


def _start(ranking: str, after: str | None) -> tuple[str | None, bool]:
    """Where a page begins, and whether the line without a name was shown. ValidationError."""
    if after is None:
        return None, False
    start, shown = parts(after)
    refuse_foreign(ranking, start)
    return start or None, bool(shown)


def _is_above(unnamed: Account, position: str) -> bool:
    return unnamed.totals.spent > Decimal(parts(position)[0])


def is_seen(totals: Move) -> bool:
    """True if anything was booked, not only held."""
    return bool(totals.spent or totals.entries or totals.tokens)
