"""Read stored requests, list them, and close those whose time is over."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from budget_monitor import deadline
from budget_monitor.domain.approvals import (
    EXPIRED,
    OPEN,
    STATES,
    RaiseRequest,
    request_key,
    request_list,
)
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.errors import NotFoundError, UnavailableError, ValidationError
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Page, Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Requests:
    """A page of requests, latest first; the next page has positions before `resume_before`."""

    items: Sequence[RaiseRequest]
    resume_before: str | None = None


class StoredRequests:
    """The stored requests. An overdue one is closed as expired when it is read."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        """Return the current instant, which decides whether a request is open."""
        return self._clock.now()

    def find(self, tenant_id: str, request_id: str) -> RaiseRequest | None:
        """Return the request as it is now, or None."""
        return next(iter(self._read(tenant_id, [request_id])), None)

    def get(self, tenant_id: str, request_id: str) -> RaiseRequest:
        """Return the request as it is now. Raises NotFoundError."""
        found = self.find(tenant_id, request_id)
        if found is None:
            raise NotFoundError(f"no request {request_id}")
        return found

    def page(self, tenant_id: str, state: str | None, limit: int, before: str | None) -> Requests:
        """Return a page of the tenant's requests, of one state or of all, latest first."""
        states = {None: STATES, EXPIRED: (OPEN, EXPIRED)}.get(state, (state or OPEN,))
        pages = [
            self._store.document_page(request_list(tenant_id, one), limit, before) for one in states
        ]
        names = [name for page in pages for name in page.entry_ids]
        found = sorted(
            self._read(tenant_id, names), key=lambda one: one.place.position, reverse=True
        )
        resume = _resume(pages, [one.place.position for one in found], limit)
        shown = [one for one in found if resume is None or one.place.position >= resume]
        return Requests([one for one in shown if state in {None, _state(one)}], resume)

    def still_open(self, tenant_id: str, limit: int) -> Sequence[RaiseRequest]:
        """Return the requests that are open now, latest first. Nothing is written."""
        names = self._store.document_page(request_list(tenant_id, OPEN), limit, None).entry_ids
        documents = [request_key(tenant_id, name) for name in names]
        stored = self._store.documents(documents) if documents else {}
        found = [_loaded(document, stored[document].body) for document in documents]
        now = self._clock.now()
        return [one for one in found if not one.outcome and one.state_at(now) == OPEN]

    def expire_due(self) -> int:
        """Close the requests whose time is over; return how many.

        One that cannot be closed stops no other one and stays for the next minute.
        """
        closed, now = 0, self._clock.now()
        for document in self._store.ending(now):
            if deadline.about_to_end():
                break
            try:
                with deadline.unit_of_work(of_a_job=True):
                    found = self.find(document.tenant_id, document.name)
                closed += found is not None and _state(found) == EXPIRED
            except UnavailableError:
                logger.exception("a request could not be closed: %s", document.name)
        return closed

    def _read(self, tenant_id: str, names: Sequence[str]) -> Sequence[RaiseRequest]:
        """Return the requests that exist, each once, and close those that are overdue."""
        documents = [request_key(tenant_id, name) for name in dict.fromkeys(names)]
        stored = self._store.documents(documents) if documents else {}
        return [self._current(_loaded(document, one.body)) for document, one in stored.items()]

    def _current(self, found: RaiseRequest) -> RaiseRequest:
        if found.outcome or found.state_at(self._clock.now()) == OPEN:
            return found
        expired = found.expired()
        if self._store.commit(Transaction(document_change=written(expired, "expire"))):
            return expired
        stored = self._store.documents([found.document])[found.document]
        return RaiseRequest.load(found.document, stored.body)


def _loaded(document: DocumentKey, body: Request) -> RaiseRequest:
    try:
        return RaiseRequest.load(document, body)
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError) as fault:
        raise UnavailableError("a stored request is damaged") from fault


def written(request: RaiseRequest, operation: str) -> DocumentChange:
    """Return the change that stores the request: open, or with its outcome.

    The write fails if the request has an outcome already.
    """
    ended, asker = request.outcome, request.asker
    change = {
        "operation": operation,
        "at": render_instant(ended.at if ended else request.created_at),
        "by": ended.by if ended else asker.by,
        "reason": ended.reason if ended else request.reason,
        "principal": ended.principal if ended else asker.principal,
        "before": {"state": OPEN} if ended else None,
        "after": {"state": _state(request)},
    }
    return DocumentChange(
        request.document,
        request.version,
        request.dump(),
        change,
        ends_at=None if ended else request.expires_at,
        place=request.place,
    )


def _state(request: RaiseRequest) -> str:
    return request.outcome.state if request.outcome else OPEN


def _resume(pages: Sequence[Page], positions: Sequence[str], limit: int) -> str | None:
    """Return the position of the last request that this page shows; None at the end of all lists.

    No list is shown beyond what was read of it: its other requests are on the next page.
    """
    ends = [page.resume_at for page in pages if page.resume_at is not None]
    within = [one for one in positions if not ends or one >= max(ends)]
    if len(within) > limit:
        return within[limit - 1]
    return max(ends) if ends else None
