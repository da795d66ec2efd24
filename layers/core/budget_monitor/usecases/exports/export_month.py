"""Export a tenant's month to files that a spreadsheet, a FinOps tool or Athena reads."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import tenant_key
from budget_monitor.domain.costs.ledger import Entry, booking_position
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.months.statements import statement_key
from budget_monitor.domain.periods import render_instant
from budget_monitor.ports import Clock, Policies, Reads, Span
from budget_monitor.ports.exports import ExportFiles
from budget_monitor.usecases.exports.files import empty_rest, manifest_key, write_part
from budget_monitor.usecases.exports.focus_columns import BillingPeriod
from budget_monitor.usecases.reports.ledger_list import VISIBLE_WITHIN

PART = 5000
"""Entries of one file. A part needs about 100 MB of memory, however long the month is."""
_PAGE = 1000
_MANIFEST = "application/json"


@dataclass(slots=True)
class _Sums:
    """Sums of the exported entries."""

    entries: int = 0
    quarantined: int = 0
    tokens: int = 0
    spent: Decimal = ZERO
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, entries: Sequence[Entry]) -> None:
        """Count entries; a quarantined one counts in no sum."""
        counted = [one for one in entries if not one.quarantined]
        self.entries += len(entries)
        self.quarantined += len(entries) - len(counted)
        self.tokens += sum(one.tokens for one in counted)
        self.spent += sum((one.amount for one in counted), ZERO)


@dataclass(frozen=True, slots=True)
class Exported:
    """A written export: how many entries, and whether they add up to the month."""

    tenant_id: str
    entries: int
    adds_up: bool


class MonthExport:
    """The use case of `export_month`. It moves no money; repeating it writes the files again."""

    def __init__(self, store: Reads, policies: Policies, clock: Clock, files: ExportFiles) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._files = files

    def export(self, tenant_id: str, month: str) -> Exported:
        """Write a month's entries and then the manifest, which lists what is complete.

        Everything that was booked a minute before the start is in it, in the order of booking, so
        that writes that go on meanwhile shift nothing. Raises UnavailableError if the time is over;
        the manifest is then still that of the last complete export.
        """
        began = self._clock.now()
        until, period = began - VISIBLE_WITHIN, self._period(tenant_id, month)
        sums = _Sums()
        for part, entries in enumerate(self._parts(tenant_id, month, until)):
            sums.add(entries)
            sums.files += write_part(self._files, entries, period, (tenant_id, part))
        with deadline.unit_of_work(of_a_job=True):
            key = manifest_key(tenant_id, month)
            before = self._files.get(key)
            sums.files += empty_rest(
                self._files, json.loads(before) if before else None, sums.files
            )
            manifest = self._manifest(tenant_id, period, sums, (began, until))
            self._files.put(key, json.dumps(manifest, indent=1).encode(), _MANIFEST)
        return Exported(tenant_id, sums.entries, manifest["adds_up"])

    @deadline.unit_of_work(of_a_job=True)
    def _period(self, tenant_id: str, month: str) -> BillingPeriod:
        self._policies.forget(tenant_id)
        calendar = self._policies.for_tenant(tenant_id).calendar
        year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 2, 12)
        start = calendar.month_end(f"{year:04}-{number + 1:02}")
        return BillingPeriod(month, start, calendar.month_end(month))

    def _parts(self, tenant_id: str, month: str, until: datetime) -> Iterator[list[Entry]]:
        """Yield the entries in parts; one empty part for a month without any."""
        part, span, more, count = list[Entry](), Span(end=booking_position(until)), True, 0
        while more:
            if deadline.about_to_end():
                raise UnavailableError(f"the month of {tenant_id} is too long for this invocation")
            with deadline.unit_of_work(of_a_job=True):
                page = self._store.entries_of_month(tenant_id, month, span, _PAGE)
                names = [name for _, name in page.items]
                found = self._store.entries(tenant_id, names)
            part += [found[name] for name in names if found[name].booking.month == month]
            more = page.more
            span = Span(end=span.end, after=page.items[-1][0]) if page.items else span
            if len(part) >= PART:
                yield part
                part, count = [], count + 1
        if part or not count:
            yield part

    def _manifest(
        self, tenant_id: str, period: BillingPeriod, sums: _Sums, times: tuple[datetime, datetime]
    ) -> dict[str, Any]:
        account = tenant_key(tenant_id, period.month)
        spent = self._store.accounts([account])[account].totals.spent
        began, until = times
        return {
            "tenant_id": tenant_id,
            "month": period.month,
            "exported_at": render_instant(began),
            "recorded_until": render_instant(until),
            "entries": sums.entries,
            "quarantined": sums.quarantined,
            "tokens": sums.tokens,
            "currency": "USD",
            "spent_usd": render(sums.spent),
            "month_spent_usd": render(spent),
            "adds_up": sums.spent == spent,
            "statement": self._statement(tenant_id, period.month, sums.spent),
            "files": sums.files,
        }

    def _statement(self, tenant_id: str, month: str, spent: Decimal) -> dict[str, Any] | None:
        """Return the latest statement of the month, and whether the export adds up to it."""
        name = statement_key(tenant_id, month)
        stored = self._store.documents([name]).get(name)
        if stored is None:
            return None
        (told,) = self._store.changes(name, [stored.version])
        return {
            "number": told["number"],
            "spent_usd": told["spent_usd"],
            "agrees": told["spent_usd"] == render(spent),
        }
