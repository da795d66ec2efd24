"""When accounts were compared last: one document of bounded size per tenant and month."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import parse_instant, sortable
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.reconcile.differences import Report, Skipped

KIND = "reconciled"
MAX_REMEMBERED = 100
"""Maximum of skipped accounts per month whose last comparison is stored."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Times:
    """When all accounts were compared last, with the skipped ones listed separately."""

    version: int = 0
    everything: datetime | None = None
    skipped: Mapping[str, tuple[datetime | None, datetime]] = field(default_factory=dict)
    """By account: when it was compared last, and since when it has been skipped."""

    def of(self, account: str, now: datetime) -> tuple[datetime | None, datetime]:
        """Return when this account was compared last, and since when it has been skipped."""
        return self.skipped.get(account, (self.everything, now))

    def dump(self) -> dict[str, Any]:
        """Return the times as plain JSON."""
        return {
            "compared_at": _text(self.everything),
            "skipped": {
                k: [_text(last), _text(since)] for k, (last, since) in self.skipped.items()
            },
        }


class LastCompared:
    """Adds the times of the last comparison to reports, and stores them for the next report."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def complete(self, report: Report) -> Report:
        """Return the report with the times of its skipped accounts, and store the new times.

        If the times cannot be read or written, the error is logged and the report has no times.
        """
        name, now = DocumentKey(report.tenant_id, KIND, report.month), self._clock.now()
        try:
            times = self._read(name)
            skipped = [_timed(one, times, now) for one in report.skipped]
            self._write(name, times, skipped, now, complete=report.complete)
        except UnavailableError:
            logger.exception("the times of comparisons of %s could not be stored", name.tenant_id)
            return report
        waiting = [now - (one.last_compared_at or one.since or now) for one in skipped]
        return replace(report, skipped=skipped, age=max(waiting, default=timedelta()))

    def _read(self, name: DocumentKey) -> _Times:
        found = self._store.documents([name]).get(name)
        if found is None:
            return _Times()
        body = found.body
        skipped = {k: (_moment(last), _sure(since)) for k, (last, since) in body["skipped"].items()}
        return _Times(found.version, _moment(body["compared_at"]), skipped)

    def _write(
        self,
        name: DocumentKey,
        times: _Times,
        skipped: list[Skipped],
        now: datetime,
        *,
        complete: bool,
    ) -> None:
        """Store the times, unless another invocation stores them at the same time."""
        oldest = sorted(skipped, key=lambda one: one.last_compared_at or one.since or now)
        kept = {
            str(one.account): (one.last_compared_at, one.since or now)
            for one in oldest[:MAX_REMEMBERED]
        }
        # If some skipped accounts are not stored, the others do not count as compared now.
        everything = now if complete and len(skipped) <= MAX_REMEMBERED else times.everything
        after = replace(times, everything=everything, skipped=kept)
        change = {"operation": "reconcile", "at": sortable(now), "skipped": len(skipped)}
        decided = DocumentChange(name, times.version + 1, after.dump(), change)
        self._store.commit(Transaction(document_change=decided))


def _timed(one: Skipped, times: _Times, now: datetime) -> Skipped:
    last, since = times.of(str(one.account), now)
    return replace(one, last_compared_at=last, since=since)


def _text(moment: datetime | None) -> str | None:
    return sortable(moment) if moment else None


def _moment(text: str | None) -> datetime | None:
    return parse_instant(text, "stored instant") if text else None


def _sure(text: str) -> datetime:
    return parse_instant(text, "stored instant")
