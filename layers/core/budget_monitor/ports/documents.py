"""The port to documents (rules, workflows, requests), their changes and what is due on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import Stopped
from budget_monitor.domain.requests import Request
from budget_monitor.ports.lists import Page
from budget_monitor.ports.recency import Origin


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document; its version counts its changes."""

    version: int
    body: Request


@dataclass(frozen=True, slots=True)
class RecentDocuments:
    """The documents that exist, at most 10 s old."""

    documents: Mapping[DocumentKey, Document]
    origin: Origin


class Documents(Protocol):
    """Reads of documents. Every method raises UnavailableError if they cannot be reached."""

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        """Return the documents that exist, as they are now."""
        ...

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Return the documents that exist, at most 10 s old. For answers only."""
        ...

    def changes(self, document: DocumentKey, versions: Iterable[int]) -> Sequence[Request]:
        """Return the changes that made these versions of a document, in the order given."""
        ...

    def document_page(self, listing: str, limit: int, before: str | None) -> Page:
        """Return the names of a list's documents, the last position first.

        The list may lag: a document that was changed a moment ago may be missing.
        """
        ...

    def due(self) -> Sequence[DocumentKey]:
        """Return some documents that have follow-up work."""
        ...

    def reminders(self, now: datetime) -> Sequence[Reminder]:
        """Reminders that are due and not done, of this hour and the two before."""
        ...

    def ending(self, now: datetime) -> Sequence[DocumentKey]:
        """Return documents that a schedule must close, of this hour and the two before."""
        ...

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """Return the executions that stopped before and whose second pass is pending.

        The list may lag: one that stopped a moment ago may be missing.
        """
        ...

    def operation(
        self, tenant_id: str, idempotency_key: str, *, of_people: bool = False
    ) -> Request | None:
        """Return the request stored under this idempotency key, or None."""
        ...
