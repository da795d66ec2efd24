"""Wait for the answer to one request: an answer that came before the wait is not missed."""

from collections.abc import Mapping
from dataclasses import dataclass

from budget_monitor.domain.approvals.outcomes import OPEN
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.usecases.approvals.stored import StoredRequests


@dataclass(frozen=True, slots=True)
class AwaitedRequest:
    """The request that a workflow waits for."""

    stored: StoredRequests
    tenant_id: str
    request_id: str

    def look(self) -> tuple[bool, Mapping[DocumentKey, int]]:
        """Return whether it has ended, and the version that it must still have if it has not.

        Raises NotFoundError.
        """
        found = self.stored.get(self.tenant_id, self.request_id)
        if found.state_at(self.stored.now()) != OPEN:
            return True, {}
        return False, {found.document: found.version}
