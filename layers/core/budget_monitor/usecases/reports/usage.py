"""Where did the money go? Reads accounts and the ledger; a report is the accounts themselves."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    MODEL,
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    execution_key,
    listing,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.accounting.labels import Labels, key, parts
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.domain.holds.decisions import Standing, standings_of
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import MONTH, month_of, sortable
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.ports import Clock, Policies, Span, Store
from budget_monitor.usecases.reports.reader import Reader, usual
from budget_monitor.usecases.reports.report import Breakdown, LedgerPage, Run, Sourced, SystemUsage
from budget_monitor.usecases.workflows.runs import run_standing

_DAY = len("2026-11-22")
_ANSWER_BYTES = 4_000_000

T = TypeVar("T")


class Reporting:
    """The use cases of the reporting function. None of them writes."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def tenant_usage(self, tenant_id: str, month: str | None) -> Sourced[Standing]:
        """The status of the tenant's month; zeros for a tenant never seen."""

        def read(reader: Reader) -> Standing:
            policy, now = reader.policy(tenant_id), self._clock.now()
            named = month or policy.calendar.name(MONTH, now)
            return _standing(reader, policy.tenant_gate(tenant_id, named, now))

        return self._shown(read, lambda standing: standing.near)

    def system_usage(
        self, month: str | None, limit: int, after: str | None
    ) -> Sourced[SystemUsage]:
        """The status of the system's month, with its tenants as read, the largest first."""
        named = month or month_of(self._clock.now(), "UTC")

        def read(reader: Reader) -> SystemUsage:
            policy = reader.policy(SYSTEM)
            standing = _standing(reader, policy.system_gate(named, self._clock.now()))
            tenants = reader.accounts(self._store.listed(listing(SYSTEM, TENANT, named)))
            return _page_of(standing, tenants.values(), limit, after)

        return self._shown(read, lambda usage: usage.standing.near)

    def agent_costs(self, tenant_id: str, month: str | None) -> Sourced[Breakdown]:
        """The tenant's month by agent, the largest first."""
        return self._breakdown(tenant_id, AGENT, month)

    def model_costs(self, tenant_id: str, month: str | None) -> Sourced[Breakdown]:
        """The tenant's month by model, the largest first."""
        return self._breakdown(tenant_id, MODEL, month)

    def daily_costs(self, tenant_id: str, month: str | None) -> Sourced[Breakdown]:
        """The tenant's month by day, in order; days without any cost are left out."""

        def read(reader: Reader) -> Breakdown:
            named = month or self._this_month(reader, tenant_id)
            calendar = reader.policy(tenant_id).calendar
            names = [tenant_key(tenant_id, day) for day in calendar.days(named)]
            days = reader.accounts(names)
            return Breakdown(named, [(one.period, days[one]) for one in names if days[one].seen])

        return self._shown(read)

    def execution(self, tenant_id: str, name: str, limit: int, after: str | None) -> Sourced[Run]:
        """An execution: a total that includes its children, and its own entries.

        Raises NotFoundError.
        """
        run = execution_key(tenant_id, name)
        return self._run(run, Labels(agent_execution_id=name), limit, after)

    def workflow(self, tenant_id: str, name: str, limit: int, after: str | None) -> Sourced[Run]:
        """A workflow: its own entries and its agents'. Raises NotFoundError."""
        run = workflow_key(tenant_id, name)
        return self._run(run, Labels(workflow_execution_id=name), limit, after)

    def ledger(
        self,
        tenant_id: str,
        start: datetime | None,
        end: datetime | None,
        limit: int,
        after: str | None,
    ) -> LedgerPage:
        """Entries with start <= occurred_at < end, the oldest first."""
        span = Span(_sortable(start), _sortable(end), after)
        names: list[str] = []
        for day in self._days(tenant_id, span):
            # One more than the page holds, to know of a next.
            page = self._store.entries_of_day(tenant_id, day, span, limit + 1 - len(names))
            names += page.entry_ids
            if len(names) > limit:
                break
        entries = _light(self._entries(tenant_id, names[:limit]))
        more = len(names) > len(entries)
        return LedgerPage(entries, entries[-1].position if more else None)

    def _days(self, tenant_id: str, span: Span) -> list[str]:
        """The UTC days that may have entries within the span.

        A day's account opens with its first cost; what happened on quite another day than it is
        booked on has an account of that day.
        """
        days = {one.period for one in self._store.listed(listing(tenant_id, "days", "all"))}
        first = (span.after or span.start or "")[:_DAY]
        last = (span.end or "~")[:_DAY]
        return [day for day in sorted(days) if first <= day <= last]

    def _entries(self, tenant_id: str, names: Sequence[str]) -> list[Entry]:
        found = self._store.entries(tenant_id, names)
        return [found[name] for name in names]

    def _run(self, run: AccountKey, labels: Labels, limit: int, after: str | None) -> Sourced[Run]:
        def read(reader: Reader) -> tuple[Account, Standing | None]:
            account = reader.accounts([run])[run]
            if not account.seen:
                return account, None
            return account, run_standing(reader.policy(run.tenant_id), account, self._clock.now())

        def doubtful(found: tuple[Account, Standing | None]) -> bool:
            account, standing = found
            return not usual(account) or standing is None or standing.near

        seen = self._shown(read, doubtful)
        account, standing = seen.found
        page = self._store.entries_of_run(run, limit, after)
        if standing is None and page.entry_ids:  # all that it has is quarantined
            policy = self._policies.for_tenant(run.tenant_id)
            standing = run_standing(policy, account, self._clock.now())
        if standing is None:
            raise NotFoundError(f"no {run.scope} {run.scope_id}")
        entries = _light(self._entries(run.tenant_id, page.entry_ids))
        cut = len(entries) < len(page.entry_ids)
        shown = Run(
            standing,
            labels.within(account.lineage) if account.lineage else labels,
            entries,
            entries[-1].position if cut else page.resume_at,
            account.terms,
        )
        return Sourced(shown, seen.origin)

    def _breakdown(self, tenant_id: str, scope: str, month: str | None) -> Sourced[Breakdown]:
        def read(reader: Reader) -> Breakdown:
            named = month or self._this_month(reader, tenant_id)
            keys = self._store.listed(listing(tenant_id, scope, named))
            accounts = sorted(reader.accounts(keys).values(), key=_rank)
            return Breakdown(named, [(one.key.scope_id or None, one) for one in accounts])

        return self._shown(read)

    def _shown(
        self, read: Callable[[Reader], T], doubtful: Callable[[T], bool] | None = None
    ) -> Sourced[T]:
        """What was read, perhaps of copies; read again from the store where copies leave doubt."""
        parts = self._store, self._policies, self._clock
        reader = Reader(*parts)
        found = read(reader)
        if reader.origin.cached and doubtful and doubtful(found):
            reader = Reader(*parts, strictly=True)
            found = read(reader)
        return Sourced(found, reader.origin)

    def _this_month(self, reader: Reader, tenant_id: str) -> str:
        return reader.policy(tenant_id).calendar.name(MONTH, self._clock.now())


def _standing(reader: Reader, gate: Gate) -> Standing:
    return standings_of([gate], reader.accounts([gate.account]))[0]


def _page_of(
    standing: Standing, tenants: Iterable[Account], limit: int, after: str | None
) -> SystemUsage:
    ordered = sorted(tenants, key=_rank)
    if after is not None:
        spent, tenant_id = parts(after)
        ordered = [one for one in ordered if _rank(one) > (-Decimal(spent), tenant_id)]
    page = ordered[:limit]
    more = len(ordered) > limit
    resume_at = key(render(page[-1].totals.spent), page[-1].key.scope_id) if more else None
    return SystemUsage(standing, page, resume_at)


def _light(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many of the entries as an answer of Lambda's 6 MB surely carries; at least one."""
    weight = 0
    for place, entry in enumerate(entries):
        weight += 1000 + len(
            json.dumps([entry.labels.dump(), entry.usage, entry.price, entry.reason])
        )
        if weight > _ANSWER_BYTES and place:
            return entries[:place]
    return entries


def _sortable(moment: datetime | None) -> str | None:
    return None if moment is None else sortable(moment)


def _rank(account: Account) -> tuple[Decimal, str]:
    return -account.totals.spent, account.key.scope_id
