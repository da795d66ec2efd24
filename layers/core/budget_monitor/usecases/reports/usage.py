"""Usage reports: accounts, and the entries of runs. Totals come from accounts, not from sums."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    Account,
    AccountKey,
    execution_key,
    listing,
    workflow_key,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.periods import MONTH, month_of
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.ports import Clock, Policies, Reads
from budget_monitor.usecases.reports.largest_tenants import LargestTenants
from budget_monitor.usecases.reports.ledger_list import light
from budget_monitor.usecases.reports.reader import Reader, has_default_terms
from budget_monitor.usecases.reports.report import Run, Sourced, SystemUsage
from budget_monitor.usecases.workflows.runs import run_standing

_LAST_DAYS = 7

T = TypeVar("T")


class Reporting:
    """The use cases of the reporting function. None of them writes."""

    def __init__(self, store: Reads, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def tenant_usage(self, tenant_id: str, month: str | None) -> Sourced[Standing]:
        """Return the status of the tenant's month; zeros for an unknown tenant."""

        def read(reader: Reader) -> Standing:
            policy, now = reader.policy(tenant_id), self._clock.now()
            named = month or policy.calendar.name(MONTH, now)
            return _standing(reader, policy.tenant_gate(tenant_id, named, now))

        return self._shown(read, lambda standing: standing.near)

    def system_usage(
        self, month: str | None, limit: int, after: str | None
    ) -> Sourced[SystemUsage]:
        """Return the status of the system's month with a page of its tenants, largest first."""
        named = month or month_of(self._clock.now(), "UTC")

        def read(reader: Reader) -> SystemUsage:
            policy = reader.policy(SYSTEM)
            standing = _standing(reader, policy.system_gate(named, self._clock.now()))
            tenants = LargestTenants(self._store)
            return SystemUsage(standing, *tenants.page(reader.accounts, named, limit, after))

        return self._shown(read, lambda usage: usage.standing.near)

    def execution(self, tenant_id: str, name: str, limit: int, after: str | None) -> Sourced[Run]:
        """Return an execution: its total including its children, and its own entries.

        Raises NotFoundError.
        """
        run = execution_key(tenant_id, name)
        return self._run(run, Labels(agent_execution_id=name), limit, after)

    def workflow(self, tenant_id: str, name: str, limit: int, after: str | None) -> Sourced[Run]:
        """Return a workflow with its own and its agents' entries. Raises NotFoundError."""
        run = workflow_key(tenant_id, name)
        return self._run(run, Labels(workflow_execution_id=name), limit, after)

    def latest(self, tenant_id: str, limit: int) -> Sequence[Entry]:
        """Return the last entries of a tenant by the time at which they occurred, latest first.

        At most a week with entries is looked at: a query for each of its days.
        """
        names = list[str]()
        for day in reversed(self._days(tenant_id)[-_LAST_DAYS:]):
            names += self._store.last_entries_of_day(tenant_id, day, limit - len(names))
            if len(names) == limit:
                break
        return self._entries(tenant_id, names)

    def _days(self, tenant_id: str) -> list[str]:
        """Return the UTC days that may have entries, in order: those that have an account."""
        return sorted({one.period for one in self._store.listed(listing(tenant_id, "days", "all"))})

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
            return not has_default_terms(account) or standing is None or standing.near

        seen = self._shown(read, doubtful)
        account, standing = seen.found
        page = self._store.entries_of_run(run, limit, after)
        if standing is None and page.entry_ids:  # all of its entries are quarantined
            policy = self._policies.for_tenant(run.tenant_id)
            standing = run_standing(policy, account, self._clock.now())
        if standing is None:
            raise NotFoundError(f"no {run.scope} {run.scope_id}")
        entries = light(self._entries(run.tenant_id, page.entry_ids))
        cut = len(entries) < len(page.entry_ids)
        shown = Run(
            standing,
            labels.within(account.lineage) if account.lineage else labels,
            entries,
            entries[-1].position if cut else page.resume_at,
            account.terms,
        )
        return Sourced(shown, seen.origin)

    def _shown(
        self, read: Callable[[Reader], T], doubtful: Callable[[T], bool] | None = None
    ) -> Sourced[T]:
        """Return the result of `read`; from the store if copies are not reliable enough."""
        parts = self._store, self._policies, self._clock
        reader = Reader(*parts)
        found = read(reader)
        if reader.origin.cached and doubtful and doubtful(found):
            reader = Reader(*parts, strictly=True)
            found = read(reader)
        return Sourced(found, reader.origin)


def _standing(reader: Reader, gate: Gate) -> Standing:
    return standings_of([gate], reader.accounts([gate.account]))[0]
