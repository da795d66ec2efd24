"""Handle open requests over time: escalation, the authority's default, and expiry."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from budget_monitor import deadline
from budget_monitor.domain.approvals.authority import APPROVE, TimeOut
from budget_monitor.domain.approvals.outcomes import EXPIRED, OPEN, Outcome
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Store
from budget_monitor.usecases.alerts.request_notices import raise_escalated
from budget_monitor.usecases.approvals.decide import Deciding
from budget_monitor.usecases.approvals.decision import Decide
from budget_monitor.usecases.approvals.judge import authority_in
from budget_monitor.usecases.approvals.stored import StoredRequests, written
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.rules.rulebook import ChangeRules, Rulebook

NOBODY = "budget monitor"
"""The name in `by` if a request was not answered in time."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DueRequests:
    """The part of the job `wake` that handles requests."""

    store: Store
    stored: StoredRequests
    rulebook: Rulebook
    deciding: Deciding

    def look(self) -> int:
        """Close, decide or escalate what is due; return how many requests expired.

        One that fails stops no other one and stays for the next minute.
        """
        expired = 0
        for document in self.store.ending(self.stored.now()):
            if deadline.about_to_end():
                break
            try:
                with deadline.unit_of_work(of_a_job=True):
                    expired += self._look_at(document)
            except UnavailableError:
                logger.exception("a request could not be looked at: %s", document.name)
        return expired

    def _look_at(self, document: DocumentKey) -> bool:
        """Do what is due for one request; True if it expired."""
        found, now = self.stored.find(document.tenant_id, document.name), self.stored.now()
        if found is None or found.state_at(now) != OPEN:
            return found is not None and found.state_at(now) == EXPIRED
        if found.times_out_at and found.times_out_at <= now:
            self._time_out(found)
        elif found.escalates_at and not found.escalated_at and found.escalates_at <= now:
            self._escalate(found, now)
        return False

    def _escalate(self, found: RaiseRequest, now: datetime) -> None:
        """Alert the further people that the authority names now."""
        ruling = self.rulebook.ruling(found.tenant_id)
        late = authority_in(ruling).escalation
        to = late.to if late else ()
        after = found.escalated(now)
        step = Outcome(OPEN, now, NOBODY, "no one answered in time")
        alert = raise_escalated(after, to, ruling.policy.owner, now)
        change = written(after, "escalate", step)
        self.store.commit(Transaction(document_change=change, alerts=(alert,) if to else ()))

    def _time_out(self, found: RaiseRequest) -> None:
        """Decide by the authority's default; what cannot be approved is denied."""
        ruling = self.rulebook.ruling(found.tenant_id)
        out = authority_in(ruling).time_out
        if out is None:
            step = Outcome(OPEN, ruling.at, NOBODY, "the authority has no default any more")
            change = written(found.without_times(), "keep_open", step)
            self.store.commit(Transaction(document_change=change))
        elif out.decision != APPROVE or not self._done(self.deciding.approve, found, out):
            self._done(self.deciding.deny, found, out)

    def _done(self, decide: Callable[[Decide], object], found: RaiseRequest, out: TimeOut) -> bool:
        """Decide; False if a person was faster, or if the limit cannot be raised any more."""
        who = Who(NOBODY, f"no answer within {int(out.after.total_seconds())} s")
        request = {"request_id": found.request_id}
        command = ChangeRules(found.tenant_id, who, "time_out", request)
        amount = None if out.up_to is None else min(found.amount, out.up_to)
        try:
            decide(Decide(command, found.request_id, amount, unattended=True))
        except UnavailableError:
            raise
        except BudgetMonitorError as fault:
            logger.info("a default decision was not made: %s", fault.message)
            return False
        return True
