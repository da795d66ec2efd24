"""The system's month by agent, model, day, user, tag, workflow name or provider, of all tenants."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from budget_monitor.domain.accounting.accounts import (
    LABELLED,
    MODEL,
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    Move,
    listing,
    system_key,
)
from budget_monitor.domain.accounting.breakdowns import labels_of
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import month_of
from budget_monitor.domain.prices.set_prices import Alias, meant
from budget_monitor.domain.rules.matching import with_aliases
from budget_monitor.domain.rules.rulebook import Rules, rules_key
from budget_monitor.ports import Clock, Origin, Policies, Reads
from budget_monitor.usecases.reports.breakdowns import (
    COUNTED,
    DAYS,
    Cut,
    is_seen,
    page_of_days,
)
from budget_monitor.usecases.reports.folding import Spellings, common_name, folded, folded_by
from budget_monitor.usecases.reports.order import Line, ordered, page_of
from budget_monitor.usecases.reports.report import Breakdown, Sourced

logger = logging.getLogger(__name__)


class SystemBreakdowns:
    """The use cases of the system's breakdowns: sums of the tenants' accounts by name."""

    def __init__(self, store: Reads, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def costs(self, cut: Cut) -> Sourced[Breakdown]:
        """Return a part of a breakdown, the largest spend first; days in their order.

        One query for all tenants' names, and a read for each 100 of them, however many entries
        there are. Names that tenants share are one line.
        """
        now = self._clock.now()
        month = cut.month or month_of(now, "UTC")
        accounts = self._accounts(cut.scope, month)
        if cut.by_tenant:
            return Sourced(self._by_tenant(cut, month, accounts.values()), Origin(now))
        if cut.scope == DAYS:
            names = [(one.key.period, one) for one in accounts.values()]
            lines, _ = self._folded(DAYS, names)
            return Sourced(page_of_days(month, sorted(lines, key=_name), cut), Origin(now))
        lines = [(one.key.scope_id or None, one) for one in accounts.values()]
        total = sum((account.totals.spent for _, account in lines), ZERO)
        if cut.scope in COUNTED:
            whole = self._store.accounts([system_key(month)])[system_key(month)]
            total = whole.totals.spent
            lines += self._unnamed(cut.scope, month, whole)
        merged, spellings = self._folded(cut.scope, lines)
        page = page_of(ordered(merged), cut.limit, cut.after)
        return Sourced(Breakdown.of(cut.scope, month, page, total, spellings), Origin(now))

    def _by_tenant(self, cut: Cut, month: str, accounts: Iterable[Account]) -> Breakdown:
        """A line for each name of each tenant, named by `pair_of`; days with their tenants."""
        if cut.scope == DAYS:
            days = [(key(one.key.period, one.key.tenant_id), one) for one in accounts]
            return page_of_days(month, sorted(days, key=_name), cut)
        found = [*accounts, *(self._unnamed_of_tenants(cut.scope, month))]
        own = defaultdict[str, list[Line]](list)
        for one in found:
            named = one.key.scope_id if one.key.scope == cut.scope else None
            own[one.key.tenant_id].append((named or None, one))
        lines, spellings = list[Line](), dict[str | None, Sequence[str]]()
        for tenant_id, its in own.items():
            merged, said = self._folded(cut.scope, its)
            lines += [(pair_of(tenant_id, name), account) for name, account in merged]
            spellings |= {pair_of(tenant_id, name): texts for name, texts in said.items()}
        total = sum((account.totals.spent for account in found), ZERO)
        if cut.scope in COUNTED:
            total = self._store.accounts([system_key(month)])[system_key(month)].totals.spent
        page = page_of(ordered(lines), cut.limit, cut.after)
        return Breakdown.of(cut.scope, month, page, total, spellings)

    def _unnamed_of_tenants(self, scope: str, month: str) -> Iterator[Account]:
        """Return each tenant's costs of the month without a label of this scope."""
        if scope not in COUNTED:
            return
        rest = self._store.accounts(self._store.listed(listing(SYSTEM, TENANT, month)))
        left = {one.tenant_id: account.totals for one, account in rest.items()}
        for one, account in self._accounts(LABELLED, month).items():
            if scope in labels_of(one) and one.tenant_id in left:
                left[one.tenant_id] -= account.totals
        for one, account in rest.items():
            totals = replace(left[one.tenant_id], held=ZERO, holds=0)
            if is_seen(totals):
                yield replace(account, totals=totals)

    def _folded(self, scope: str, lines: Sequence[Line]) -> tuple[Sequence[Line], Spellings]:
        """Merge lines of the same meaning. A model's name is resolved by its tenant's aliases."""
        models = self._policies.defaults.models
        if scope != MODEL:
            return folded(scope, lines, models)
        aliases = self._aliases({account.key.tenant_id for _, account in lines})
        names = {
            tenant_id: common_name(scope, with_aliases(models, partial(meant, own)))
            for tenant_id, own in aliases.items()
        }
        return folded_by((names[line[1].key.tenant_id](line[0]), line) for line in lines)

    def _aliases(self, tenants: Collection[str]) -> Mapping[str, Mapping[str, Alias]]:
        """The aliases of each tenant over the system's. One read for each 100 tenants.

        Where the rules of a tenant are damaged, its names mean themselves.
        """
        stored = self._store.documents(map(rules_key, (SYSTEM, *sorted(tenants))))
        known = dict[str, Mapping[str, Alias]]()
        for name, one in stored.items():
            try:
                rules = Rules.load(name.tenant_id, one.version, one.body)
            except ValueError:
                logger.exception("the aliases of %s are damaged", name.tenant_id)
            else:
                known[name.tenant_id] = rules.aliases
        shared = known.get(SYSTEM, {})
        return {one: {**shared, **known.get(one, {})} for one in tenants}

    def _accounts(self, scope: str, month: str) -> Mapping[AccountKey, Account]:
        return self._store.accounts(self._store.listed_everywhere(scope, month))

    def _unnamed(self, scope: str, month: str, whole: Account) -> list[Line]:
        """Return the month's costs without a label of this scope."""
        counted = self._accounts(LABELLED, month)
        named = (one.totals for key, one in counted.items() if scope in labels_of(key))
        totals = replace(whole.totals - sum(named, Move()), held=ZERO, holds=0)
        return [(None, replace(whole, totals=totals))] if is_seen(totals) else []


def pair_of(tenant_id: str, name: str | None) -> str:
    """Name a line of one tenant; a name of None is the costs without a label."""
    return key(tenant_id, "n" if name is not None else "", name or "")


def parts_of_pair(pair: str) -> tuple[str, str | None]:
    """Return the tenant and the name of a line that `pair_of` named."""
    tenant_id, named, name = parts(pair)
    return tenant_id, name if named else None


def _name(line: Line) -> str:
    return line[0] or ""
