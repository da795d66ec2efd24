"""Port of erasing a tenant's rows."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey


class Eraser(Protocol):
    """Rewrites stored rows without what names people. Doing it twice changes nothing more.

    Every method raises UnavailableError when the store cannot be reached.
    """

    def entries(self, entries: Sequence[Entry]) -> None:
        """Rewrite these entries and the ended reservations that they settled.

        Accounts whose keys name people are deleted: no entry names them any more.
        """
        ...

    def document(self, document: DocumentKey) -> None:
        """Rewrite a document and all of its changes, but not the rules themselves.

        The change that erases keeps who and why.
        """
        ...

    def alerts(self, tenant_id: str, alert_ids: Iterable[str]) -> None:
        """Delete these alerts."""
        ...
