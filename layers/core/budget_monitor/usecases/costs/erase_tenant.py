"""Erase what names people from a tenant's records, and keep the sums. It can be repeated."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import listing
from budget_monitor.domain.approvals.requests import STATES, request_key, request_list
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.errors import ConflictError
from budget_monitor.domain.months.statements import statement_key
from budget_monitor.domain.periods import MONTH
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.domain.rules.rulebook import Rules, rules_key
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.workflows import workflow_document
from budget_monitor.ports import Clock, Span, Store
from budget_monitor.ports.alerts import Alerts
from budget_monitor.ports.erasure import Eraser
from budget_monitor.ports.exports import FOLDERS, ErasableFiles, folder_of
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.rules.rulebook import ChangeRules, Rulebook, RulesSnapshot

_ENTRIES, _ALERTS = 50, 100
_SPARE_SECONDS = 12
"""The last seconds of an invocation, in which no further step begins."""
_END = "~"
"""Sorts after all positions of a day."""

_Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Erased:
    """Progress: the steps that this call did, and whether none is left."""

    steps: int
    done: bool


@dataclass(frozen=True, slots=True)
class TenantErasure:
    """The use case of `delete_tenant`."""

    store: Store
    clock: Clock
    governing: Rulebook
    alerts: Alerts
    eraser: Callable[[], Eraser]
    exports: ErasableFiles

    def erase(self, command: ChangeRules) -> Erased:
        """Stop the tenant for good, then erase as much as the invocation has time for.

        Whoever repeats it goes on where the last call ended. Raises ConflictError while the tenant
        has open reservations: their rows still move.
        """
        tenant_id = command.tenant_id
        if self.governing.ruling(tenant_id).rules.erased_at is None:
            self.governing.change(command, partial(self._stopped, command.who), _state)
        rows = self._rows(tenant_id)
        return self._files(tenant_id, rows.steps) if rows.done else rows

    def _rows(self, tenant_id: str) -> Erased:
        """Erase rows, from where the last call ended."""
        steps, position = 0, self._progress(tenant_id)
        for place, step in self._steps(tenant_id, position):
            if steps and deadline.remaining() < _SPARE_SECONDS:
                self._keep(tenant_id, position)
                return Erased(steps, done=False)
            with deadline.unit_of_work():
                step()
            steps, position = steps + 1, place
        if steps:
            self._keep(tenant_id, position)
        return Erased(steps, done=True)

    def _files(self, tenant_id: str, steps: int) -> Erased:
        """Erase the exported files: after the rows, so that no export writes the names again."""
        for folder in (folder_of(name, tenant_id) for name in FOLDERS):
            while found := self.exports.versions(folder):
                if steps and deadline.remaining() < _SPARE_SECONDS:
                    return Erased(steps, done=False)
                self.exports.erase(found)
                steps += 1
        return Erased(steps, done=True)

    def _stopped(self, who: Who, before: RulesSnapshot) -> Rules:
        """Return the rules of a tenant for which no further decisions are made."""
        held, rules = self.governing.open_holds(before), before.rules
        if held:
            raise ConflictError(
                f"{rules.tenant_id} has {held} open reservations: suspend it, then settle or "
                "release them, or wait until they expire"
            )
        stop = Suspension(who.by, who.reason, before.at, who.principal)
        return Rules(
            rules.tenant_id,
            version=rules.version,
            calendar=rules.calendar,
            suspension=stop,
            erased_at=before.at,
        )

    def _steps(self, tenant_id: str, after: str) -> Iterator[tuple[str, _Step]]:
        """Return the steps that are left, in order: rules, months, then the ledger's days."""
        days = sorted({one.period for one in self.store.listed(listing(tenant_id, "days", "all"))})
        months = {day[:7] for day in days} | {UTC_CALENDAR.name(MONTH, self.clock.now())}
        if after < "1":
            yield "1", partial(self.eraser().document, rules_key(tenant_id))
        if after < "1r":
            yield "1r", partial(self._requests, tenant_id)
        for month in sorted(months):
            if after < f"2#{month}":
                yield f"2#{month}", partial(self._month, tenant_id, month)
        for day in days:
            resume = after.removeprefix(f"3#{day}#") if after.startswith(f"3#{day}#") else None
            if resume == _END or (resume is None and after > f"3#{day}"):
                continue
            yield from self._day(tenant_id, day, resume)

    def _day(self, tenant_id: str, day: str, resume: str | None) -> Iterator[tuple[str, _Step]]:
        while resume != _END:
            page = self.store.entries_of_day(tenant_id, day, Span(after=resume), _ENTRIES)
            resume = page.resume_at or _END
            yield f"3#{day}#{resume}", partial(self._entries, tenant_id, page.entry_ids)

    def _entries(self, tenant_id: str, names: Sequence[str]) -> None:
        found = list(self.store.entries(tenant_id, names).values())
        self.eraser().entries(found)
        for flow in {one.labels.workflow_execution_id for one in found} - {None}:
            self.eraser().document(workflow_document(tenant_id, flow or ""))

    def _requests(self, tenant_id: str) -> None:
        """All requests for more limit, in every state."""
        for state in STATES:
            before = None
            while True:
                page = self.store.document_page(request_list(tenant_id, state), _ALERTS, before)
                for name in page.entry_ids:
                    self.eraser().document(request_key(tenant_id, name))
                before = page.resume_at
                if before is None:
                    break

    def _month(self, tenant_id: str, month: str) -> None:
        """The statements and the alerts of a month."""
        self.eraser().document(statement_key(tenant_id, month))
        before = None
        while True:
            page = self.alerts.of_month(tenant_id, month, _ALERTS, before)
            self.eraser().alerts(tenant_id, page.entry_ids)
            before = page.resume_at
            if before is None:
                return

    def _progress(self, tenant_id: str) -> str:
        """The place of the last step that was done; empty before the first."""
        document = _progress_key(tenant_id)
        stored = self.store.documents([document]).get(document)
        return str(stored.body["place"]) if stored else ""

    def _keep(self, tenant_id: str, place: str) -> None:
        document = _progress_key(tenant_id)
        stored = self.store.documents([document]).get(document)
        version = stored.version + 1 if stored else 1
        kept = DocumentChange(document, version, {"place": place}, {"place": place})
        self.store.commit(Transaction(document_change=kept))


def _state(ruling: RulesSnapshot) -> Mapping[str, Any]:
    """Return what the history keeps of before and after: no names of people."""
    rules = ruling.rules
    usual = "suspended" if rules.suspension else "active"
    return {"state": "erased" if rules.erased_at else usual}


def _progress_key(tenant_id: str) -> DocumentKey:
    return DocumentKey(tenant_id, "erasure")
