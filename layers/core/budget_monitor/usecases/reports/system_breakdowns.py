"""The system's month by agent, model, day, user, tag, workflow name or provider, of all tenants."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from budget_monitor.domain.accounting.accounts import (
    LABELLED,
    MODEL,
    SYSTEM,
    Account,
    AccountKey,
    Move,
    system_key,
)
from budget_monitor.domain.accounting.breakdowns import labels_of
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
    """The use cases of the system's breakdowns: the tenants' accounts of a name added up."""

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

    def _folded(self, scope: str, lines: Sequence[Line]) -> tuple[Sequence[Line], Spellings]:
        """One line for one thing: a name of a model is what it means at its own tenant."""
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
        """The month's costs without a label of this scope."""
        counted = self._accounts(LABELLED, month)
        named = (one.totals for key, one in counted.items() if scope in labels_of(key))
        totals = replace(whole.totals - sum(named, Move()), held=ZERO, holds=0)
        return [(None, replace(whole, totals=totals))] if is_seen(totals) else []


def _name(line: Line) -> str:
    return line[0] or ""
