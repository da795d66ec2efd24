"""Ask people by itself when a budget with the action `ask` refuses a request."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.approvals.outcomes import DENIED, OPEN
from budget_monitor.domain.approvals.requests import DEFAULT_LIFE, Asker, RaiseRequest
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.rules.budgets import ASK
from budget_monitor.domain.units import USD, share_of, whole_of
from budget_monitor.ports import Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.approvals.opening import (
    Asked,
    authority_of,
    opening,
    requested,
    with_times,
)
from budget_monitor.usecases.approvals.stored import StoredRequests
from budget_monitor.usecases.attempts import MAX_ROUNDS
from budget_monitor.usecases.holds.decision import Decision

LEAST_PERCENT = 10
"""A request of our own asks for this share of the limit, or for what is lacking if that is more."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AskingForRefused:
    """Opens the request of a refusal. It reads twice; only the first refusal writes."""

    store: Store
    stored: StoredRequests

    def ask(
        self,
        plan: Plan,
        decision: Decision,
        accounts: Mapping[AccountKey, Account],
        principal: str | None,
    ) -> str | None:
        """Return the id of the open request of this run and budget, or None.

        None: people denied one that would not have expired yet, or it could not be stored. The
        refusal itself does not change, so a failure is only logged.
        """
        standing = _refusing(decision)
        if standing is None:
            return None
        asked = Asked(standing, accounts)
        try:
            return self._asked(plan, asked, decision.verdict.reason or "", principal)
        except UnavailableError:
            logger.exception("a refusal could not ask for more limit")
            return None

    def _asked(self, plan: Plan, asked: Asked, reason: str, principal: str | None) -> str | None:
        amount = _amount(asked.standing)
        made = requested(plan, asked, amount, f"refused: {reason}"[:1024], DEFAULT_LIFE)
        asker = Asker(None, principal, plan.labels.user)
        made = replace(made, asker=asker, refused=asked.standing.asked)
        for _ in range(MAX_ROUNDS):
            latest, version = self.stored.latest(made)
            if latest is not None and latest.state_at(plan.at) == OPEN:
                return latest.request_id
            if latest is not None and _was_denied(latest, plan.at):
                return None
            named = replace(made, request_id=_id(made, version))
            named = with_times(named, authority_of(self.store, plan.tenant_id))
            if self.store.commit(opening(named, version, plan.policy.owner)):
                return named.request_id
        raise UnavailableError("requests of other callers for the same run did not end; try again")


def _refusing(decision: Decision) -> Standing | None:
    """The standing that refused, if its budget asks people."""
    named = (one for one in decision.standings or () if not one.allowed and one.gate.unit == USD)
    found = next((o for o in named if o.budget.budget_id == decision.verdict.budget_id), None)
    return found if found and found.budget.action == ASK else None


def _amount(standing: Standing) -> Decimal:
    """Return by how much the limit must grow, at least by a tenth of it."""
    gate = standing.gate
    lacking = standing.projected - (gate.usable_limit or ZERO)
    usual = share_of(USD, standing.budget.limit or ZERO, LEAST_PERCENT)
    return max(whole_of(USD, lacking, gate.percent), usual)


def _was_denied(latest: RaiseRequest, now: datetime) -> bool:
    """True if people denied it and it would not have expired yet."""
    return latest.state_at(now) == DENIED and now < latest.expires_at


def _id(made: RaiseRequest, version: int) -> str:
    """The id of the request in this turn of its slot: the same for all who ask at once."""
    return f"asked:{sha256(f'{made.slot}#{version}'.encode()).hexdigest()[:40]}"
