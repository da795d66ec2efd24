"""The system's month by agent, model, day, user, tag, workflow name or provider, of all tenants."""

from collections.abc import Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import (
    LABELLED,
    Account,
    AccountKey,
    Move,
    system_key,
)
from budget_monitor.domain.accounting.breakdowns import labels_of
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import month_of
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.ports.recency import Origin
from budget_monitor.usecases.reports.breakdowns import (
    COUNTED,
    DAYS,
    Cut,
    is_seen,
    page_of_days,
)
from budget_monitor.usecases.reports.folding import folded
from budget_monitor.usecases.reports.order import Line, ordered, page_of
from budget_monitor.usecases.reports.report import Breakdown, Sourced


class SystemBreakdowns:
    """The use cases of the system's breakdowns: the tenants' accounts of a name added up."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
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
            lines, _ = folded(DAYS, names, self._policies.defaults.models)
            return Sourced(page_of_days(month, sorted(lines, key=_name), cut), Origin(now))
        lines = [(one.key.scope_id or None, one) for one in accounts.values()]
        total = sum((account.totals.spent for _, account in lines), ZERO)
        if cut.scope in COUNTED:
            whole = self._store.accounts([system_key(month)])[system_key(month)]
            total = whole.totals.spent
            lines += self._unnamed(cut.scope, month, whole)
        merged, spellings = folded(cut.scope, lines, self._policies.defaults.models)
        page = page_of(ordered(merged), cut.limit, cut.after)
        return Sourced(Breakdown.of(cut.scope, month, page, total, spellings), Origin(now))

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
