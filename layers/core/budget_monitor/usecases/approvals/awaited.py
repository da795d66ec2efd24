"""Wait for the answer to one request: an answer that came before the wait is not missed."""

from dataclasses import dataclass

from budget_monitor.domain.approvals.outcomes import DENIED, OPEN
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.workflows import Denial
from budget_monitor.usecases.approvals.stored import StoredRequests
from budget_monitor.usecases.workflows.pause import Look


@dataclass(frozen=True, slots=True)
class AwaitedRequest:
    """The request that a workflow waits for."""

    stored: StoredRequests
    tenant_id: str
    workflow_id: str
    request_id: str

    def look(self) -> Look:
        """Return whether it was answered, how, and what proves that it was not.

        Raises NotFoundError, and ValidationError for the open request of another workflow: its
        answer would end no wait here.
        """
        found = self.stored.get(self.tenant_id, self.request_id)
        state = found.state_at(self.stored.now())
        if state == OPEN:
            if found.labels.workflow_execution_id != self.workflow_id:
                raise ValidationError(
                    f"request {self.request_id} is not one of this workflow", "request_id"
                )
            return Look(self.request_id, proof={found.document: found.version})
        return Look(self.request_id, is_over=True, denial=denial_of(found))


def denial_of(found: RaiseRequest) -> Denial | None:
    """Return who denied the request and why; None if it was not denied."""
    ended = found.outcome
    if ended is None or ended.state != DENIED:
        return None
    return Denial(found.request_id, ended.by, ended.reason)
