"""Commands and helpers of the decisions about a request."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from budget_monitor.domain.approvals.outcomes import DENIED
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.errors import ConflictError, ForbiddenError
from budget_monitor.domain.names import one_spelling
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Documents
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.rules.rulebook import ChangeRules, RulesSnapshot

LINK_USE = "link-use"
"""Kind of the documents that store which signed links were used."""


@dataclass(frozen=True, slots=True)
class Decide:
    """Command: approve or deny a request."""

    change: ChangeRules
    request_id: str
    amount: Decimal | None = None
    """By how much to raise the limit, in USD; None: by what was asked."""
    unattended: bool = False
    """True for the default of the authority, which decides after a time without an answer."""

    @property
    def tenant_id(self) -> str:
        """The tenant."""
        return self.change.tenant_id

    @property
    def who(self) -> Who:
        """Who decides, and why."""
        return self.change.who

    @property
    def key(self) -> IdempotencyKey | None:
        """Idempotency key of the decision."""
        return self.change.key

    def asked_of(self, found: RaiseRequest) -> Decimal:
        """Return by how much this decision would raise the limit, in USD."""
        return found.amount if self.amount is None else self.amount


class AgainError(Exception):
    """The rules or the request changed while a decision was made: judge it again."""


def is_repeat(command: Decide, found: RaiseRequest, state: str) -> bool:
    """True if this very decision was made before, and its answer may have been lost."""
    who, asked = command.who, command.asked_of(found)
    if found.outcome is None:
        given = ((one.by, one.reason, one.link, one.amount) for one in found.approvals)
        return state != DENIED and (who.by, who.reason, who.link, asked) in given
    ended = found.outcome
    if (ended.state, ended.by, ended.reason) != (state, who.by, who.reason):
        return False
    amounts = (asked, *(one.amount for one in found.approvals))
    return state == DENIED or ended.amount == min(amounts)


def refuse_asker(who: Who, found: RaiseRequest) -> None:
    """Raise ForbiddenError if this person made the request."""
    askers = {one_spelling(one).casefold() for one in found.asker.names}
    approvers = {one_spelling(one).casefold() for one in (who.by, who.principal) if one}
    if askers & approvers:
        raise ForbiddenError(f"{who.by} made this request: another person must approve it", "by")


def refuse_used_link(store: Documents, command: Decide) -> None:
    """Raise ConflictError if the decision comes by a signed link that was used before."""
    link = command.who.link
    if link and link_was_used(store, command.tenant_id, link):
        raise ConflictError("this link was used before; it works only once")


def link_was_used(store: Documents, tenant_id: str, nonce: str) -> bool:
    """True if a decision was stored with the signed link of this nonce."""
    used = DocumentKey(tenant_id, LINK_USE, nonce)
    return used in store.documents([used])


def decided_in(command: Decide, transaction: Transaction, ruling: RulesSnapshot) -> Transaction:
    """Return the transaction under the condition that these rules are in force.

    It also stores the use of the signed link, so that the link works once.
    """
    rules = {rules_key(one.tenant_id): one.version for one in (ruling.rules, ruling.system)}
    further, used = transaction.further_changes, _link_use(command)
    if used:
        body = {"request_id": command.request_id, "at": render_instant(ruling.at)}
        further = (*further, DocumentChange(used, 1, body, body))
    counts_on = {**transaction.counts_on, **rules}
    return replace(transaction, further_changes=further, counts_on=counts_on)


def raise_id(request_id: str) -> str:
    """The id of the raise that a request makes. It fits an id, however long the request's is."""
    return f"request:{sha256(request_id.encode()).hexdigest()[:40]}"


def state_words(found: RaiseRequest, now: datetime) -> str:
    """The state of a request, and by whom, as in `approved by maria`."""
    ended = found.outcome
    return found.state_at(now) + (f" by {ended.by}" if ended and ended.by else "")


def _link_use(command: Decide) -> DocumentKey | None:
    link = command.who.link
    return DocumentKey(command.tenant_id, LINK_USE, link) if link else None
