"""Compare accounts with the ledger, report differences, and rebuild accounts on request.

Decision: docs/decisions/0017-reconcile.md.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Protocol

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, TENANT, Move, listing
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Clock, Ids, Policies, Store
from budget_monitor.usecases.accounting.postings import rebuilding
from budget_monitor.usecases.alerts.notices import AlertWriter, differing
from budget_monitor.usecases.reconcile.compare_system import SystemComparison
from budget_monitor.usecases.reconcile.compare_tenant import Comparison, Scope
from budget_monitor.usecases.reconcile.differences import (
    INDEX_LAG,
    Difference,
    Rebuild,
    Report,
    Skipped,
)
from budget_monitor.usecases.reconcile.last_compared import LastCompared
from budget_monitor.usecases.reconcile.reads import Books, before

MOVED = "it changed before it could be rebuilt"

logger = logging.getLogger(__name__)


class Compared(Protocol):
    """A started comparison of a tenant or of the system."""

    @property
    def tenant_id(self) -> str:
        """The tenant, or SYSTEM."""
        ...

    @property
    def is_pending(self) -> bool:
        """True if another look may give more information."""
        ...

    def look(self) -> None:
        """Take one more look. Raises UnavailableError."""
        ...

    def report(self) -> Report:
        """Return the result so far."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """Reports, and the tenants whose report failed."""

    reports: Sequence[Report]
    failed: Sequence[str]


class Reconciling:
    """The use case of `reconcile`."""

    def __init__(
        self, store: Store, policies: Policies, clock: Clock, ids: Ids, notices: AlertWriter
    ) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._ids = ids
        self._notices = notices
        self._last_compared = LastCompared(store, clock)

    def month(self, tenant_id: str) -> str:
        """Return the tenant's current month."""
        return self._policies.for_tenant(tenant_id).calendar.name(MONTH, self._clock.now())

    def tenants(self, month: str) -> list[str]:
        """Return the tenants that held or spent anything in the month."""
        return sorted(one.tenant_id for one in self._store.listed(listing(SYSTEM, TENANT, month)))

    def tenant(self, tenant_id: str, month: str, rebuild: Rebuild | None = None) -> Report:
        """Compare every account of the tenant that the month's entries and open holds name.

        Runs that differ are compared with the whole ledger. `rebuild` repairs each account in one
        transaction and records who asked for it and why.
        """
        one = self._begun(tenant_id, month, thorough=True)
        self._look_again([one])
        return self._reported(one, rebuild)

    def begin(self, tenant_id: str, month: str) -> Compared:
        """Take the first look at a tenant or the system; `finish` takes the others."""
        if tenant_id != SYSTEM:
            return self._begun(tenant_id, month, thorough=False)
        system = SystemComparison(self._store, month)
        system.look()
        return system

    def finish(self, begun: Sequence[Compared]) -> Finished:
        """Take further looks if needed, with one wait for all comparisons; return the reports."""
        self._look_again(begun)
        reports, failed = list[Report](), list[str]()
        for one in begun:
            try:
                reports.append(self._reported(one))
            except Exception:
                logger.exception("the report of %s failed", one.tenant_id)
                failed.append(one.tenant_id)
        return Finished(reports, failed)

    def enough(self, begun: Sequence[Compared]) -> Callable[[], bool]:
        """Return a function: True if the remaining time is needed for further looks at `begun`."""
        at_first = deadline.remaining()

        def enough() -> bool:
            if at_first == inf or not any(one.is_pending for one in begun):
                return deadline.about_to_end()
            looks = at_first - deadline.remaining() + INDEX_LAG.total_seconds()
            return deadline.about_to_end(2 * looks)

        return enough

    def _begun(self, tenant_id: str, month: str, *, thorough: bool) -> Comparison:
        now = self.month(tenant_id)
        scope = Scope(tenant_id, month, frozenset({month, now, before(now)}), thorough)
        calendar = self._policies.for_tenant(tenant_id).calendar
        comparison = Comparison(Books(self._store, self._clock, tenant_id, calendar), scope)
        comparison.look()
        return comparison

    def _look_again(self, begun: Sequence[Compared]) -> None:
        """Wait until the indexes show everything up to the last look, and look again."""
        pending = [one for one in begun if one.is_pending]
        while pending and not deadline.about_to_end(INDEX_LAG.total_seconds()):
            self._clock.wait(INDEX_LAG)
            looked = [one for one in pending if self._looks(one)]
            pending = [one for one in looked if one.is_pending]

    @staticmethod
    def _looks(one: Compared) -> bool:
        if deadline.about_to_end():
            return False
        try:
            one.look()
        except UnavailableError:
            logger.exception("another look at %s failed", one.tenant_id)
            return False
        return True

    def _reported(self, one: Compared, rebuild: Rebuild | None = None) -> Report:
        report = one.report()
        if rebuild:
            report = self._rebuilt(report, rebuild)
        if report.differences:
            names = sorted(str(one.account) for one in report.differences)
            alert = differing(report.tenant_id, report.month, names, self._clock.now())
            self._notices.store(alert)
        return self._last_compared.complete(report)

    def _rebuilt(self, report: Report, rebuild: Rebuild) -> Report:
        moved = [one for one in report.differences if not self._rebuild(one, rebuild)]
        return replace(
            report,
            skipped=[*report.skipped, *(Skipped(one.account, MOVED) for one in moved)],
            rebuilt=bool(report.differences) and not moved,
        )

    @deadline.unit_of_work()
    def _rebuild(self, one: Difference, rebuild: Rebuild) -> bool:
        """Repair an account; False if it changed after it was compared."""
        record = {
            "operation": "rebuild",
            "account": str(one.account),
            "expected": _plain(one.expected),
            "found": _plain(one.found),
            "at": self._clock.now().isoformat(),
            "by": rebuild.by,
            "reason": rebuild.reason,
            "principal": rebuild.principal,
        }
        names = IdempotencyKey(one.account.tenant_id, f"rebuild-{self._ids.new()}", record)
        postings = rebuilding(
            one.account, one.expected - one.found, one.committed_off, one.as_found
        )
        return self._store.commit(Transaction(postings=postings, idempotency=names))


def _plain(move: Move) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(move).items()}
