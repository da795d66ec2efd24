"""Where did the money go? Reads accounts and the ledger; a report is the accounts themselves."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounts import (
    AGENT,
    MODEL,
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    Terms,
    execution_key,
    listing,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.decisions import Standing, stand
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.domain.gates import Gate
from budget_monitor.domain.labels import Labels, key, parts
from budget_monitor.domain.ledger import Entry
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.periods import MONTH, days_of, month_of, sortable
from budget_monitor.domain.policy import Policy
from budget_monitor.ports import Clock, Policies, Span, Store
from budget_monitor.usecases.runs import run_standing

_DAY = len("2026-11-22")
_ANSWER_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Accounts that add up to a total, by name; None stands for costs without that label."""

    month: str
    items: Sequence[tuple[str | None, Account]]

    @property
    def total(self) -> Decimal:
        """The sum of the items, in USD."""
        return sum((account.totals.spent for _, account in self.items), ZERO)


@dataclass(frozen=True, slots=True)
class SystemUsage:
    """The system's month with a page of its tenants, the largest first."""

    standing: Standing
    tenants: Sequence[Account]
    resume_at: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """An execution or a workflow: its account, whose it is, and a page of its entries."""

    standing: Standing
    labels: Labels
    entries: Sequence[Entry]
    resume_at: str | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, the oldest first, and where to go on."""

    entries: Sequence[Entry]
    resume_at: str | None


class Reporting:
    """The use cases of the reporting function. None of them writes."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def tenant_usage(self, tenant_id: str, month: str | None) -> Standing:
        """The status of the tenant's month; zeros for a tenant never seen."""
        policy, now = self._policy(tenant_id), self._clock.now()
        named = month or policy.calendar.name(MONTH, now)
        return self._standing(policy.tenant_gate(tenant_id, named, now))

    def system_usage(self, month: str | None, limit: int, after: str | None) -> SystemUsage:
        """The status of the system's month, with its tenants as read, the largest first."""
        named = month or month_of(self._clock.now(), "UTC")
        policy = self._policy(SYSTEM)
        standing = self._standing(policy.system_gate(named, self._clock.now()))
        tenants = self._store.accounts(self._store.listed(listing(SYSTEM, TENANT, named)))
        ordered = sorted(tenants.values(), key=_rank)
        if after is not None:
            spent, tenant_id = parts(after)
            ordered = [one for one in ordered if _rank(one) > (-Decimal(spent), tenant_id)]
        page = ordered[:limit]
        more = len(ordered) > limit
        resume_at = key(render(page[-1].totals.spent), page[-1].key.scope_id) if more else None
        return SystemUsage(standing, page, resume_at)

    def agent_costs(self, tenant_id: str, month: str | None) -> Breakdown:
        """The tenant's month by agent, the largest first."""
        return self._breakdown(tenant_id, AGENT, month)

    def model_costs(self, tenant_id: str, month: str | None) -> Breakdown:
        """The tenant's month by model, the largest first."""
        return self._breakdown(tenant_id, MODEL, month)

    def daily_costs(self, tenant_id: str, month: str | None) -> Breakdown:
        """The tenant's month by day, in order; days without any cost are left out."""
        named = month or self._this_month(tenant_id)
        names = [tenant_key(tenant_id, day) for day in days_of(named)]
        days = self._store.accounts(names)
        return Breakdown(named, [(one.period, days[one]) for one in names if days[one].seen])

    def execution(self, tenant_id: str, name: str, limit: int, after: str | None) -> Run:
        """An execution: a total that includes its children, and its own entries.

        Raises NotFoundError.
        """
        run = execution_key(tenant_id, name)
        return self._run(run, Labels(agent_execution_id=name), limit, after)

    def workflow(self, tenant_id: str, name: str, limit: int, after: str | None) -> Run:
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

    def _run(self, run: AccountKey, labels: Labels, limit: int, after: str | None) -> Run:
        account = self._store.accounts([run])[run]
        if not account.seen:
            raise NotFoundError(f"no {run.scope} {run.scope_id}")
        standing = run_standing(self._policy(run.tenant_id), account, self._clock.now())
        page = self._store.entries_of_run(run, limit, after)
        entries = _light(self._entries(run.tenant_id, page.entry_ids))
        cut = len(entries) < len(page.entry_ids)
        return Run(
            standing,
            labels.within(account.lineage) if account.lineage else labels,
            entries,
            entries[-1].position if cut else page.resume_at,
            account.terms,
        )

    def _breakdown(self, tenant_id: str, scope: str, month: str | None) -> Breakdown:
        named = month or self._this_month(tenant_id)
        keys = self._store.listed(listing(tenant_id, scope, named))
        accounts = sorted(self._store.accounts(keys).values(), key=_rank)
        return Breakdown(named, [(one.key.scope_id or None, one) for one in accounts])

    def _standing(self, gate: Gate) -> Standing:
        return stand([gate], self._store.accounts([gate.account]))[0]

    def _policy(self, tenant_id: str) -> Policy:
        """The policy as it is stored: a limit that was decided a moment ago is shown."""
        self._policies.forget(tenant_id)
        return self._policies.for_tenant(tenant_id)

    def _this_month(self, tenant_id: str) -> str:
        return self._policy(tenant_id).calendar.name(MONTH, self._clock.now())


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
