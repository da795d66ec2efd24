"""Ask people for more limit: one open request per run and budget."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.approvals.outcomes import OPEN
from budget_monitor.domain.approvals.requests import Asker, RaiseRequest
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.units import USD, Amounts
from budget_monitor.ports import Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.approvals.opening import (
    RUNS,
    Asked,
    authority_of,
    opening,
    requested,
    with_times,
)
from budget_monitor.usecases.approvals.stored import ID_FIELD, StoredRequests
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.headroom import Headroom
from budget_monitor.usecases.holds.judge import decided
from budget_monitor.usecases.idempotency import keep, known


@dataclass(frozen=True, slots=True)
class AskForRaise:
    """Command: ask people for more limit, in USD."""

    tenant_id: str
    request_id: str
    labels: Labels
    budget_id: str | None
    """None: the budget that refuses the amount."""
    amount: Decimal
    reason: str
    by: str | None
    principal: str | None
    life: timedelta
    request: Request
    """The canonical request."""
    named: bool
    """True if the caller gave the request's id."""
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A request as it is now; `replayed` if this call did not change it."""

    request: RaiseRequest
    replayed: bool = False


class Asking:
    """The use case of `request_raise`."""

    def __init__(
        self, store: Store, headroom: Headroom, stored: StoredRequests, *, four_eyes: bool
    ) -> None:
        self._store = store
        self._headroom = headroom
        self._stored = stored
        self._four_eyes = four_eyes

    def ask(self, command: AskForRaise) -> Answered:
        """Store the request with its alert, in one transaction. A retry changes nothing.

        While this run's earlier request for the same budget is open, that one is the answer; if
        the caller gave an id of its own, ConflictError. Raises ValidationError, NotFoundError and
        IdempotencyMismatchError.
        """
        for _ in range(MAX_ROUNDS):
            replayed = self._replayed(command)
            if replayed:
                return replayed
            self._refuse(command)
            plan, asked = self._standing(command)
            made = self._made(command, plan, asked)
            latest, version = self._stored.latest(made)
            if latest and latest.state_at(plan.at) == OPEN:
                return self._already_open(command, latest)
            if self._store.commit(opening(made, version, plan.policy.owner, command.key)):
                return Answered(made)
        raise too_many_rounds()

    def _replayed(self, command: AskForRaise) -> Answered | None:
        stored = known(self._store, command.key)
        if stored is not None:
            return Answered(self._stored.get(command.tenant_id, stored[ID_FIELD]), replayed=True)
        found = self._stored.find(command.tenant_id, command.request_id)
        if found is None:
            return None
        refuse_other_content(found.request, command.request, ID_FIELD)
        keep(self._store, command.key)
        return Answered(found, replayed=True)

    def _refuse(self, command: AskForRaise) -> None:
        if command.amount <= 0:
            raise ValidationError("amount_usd must be above zero", "amount_usd")
        if self._four_eyes and not (command.by or command.principal):
            raise ValidationError("by is required: people cannot approve their own requests", "by")

    def _standing(self, command: AskForRaise) -> tuple[Plan, Asked]:
        plan, accounts = self._headroom.placed(command.tenant_id, command.labels)
        standings = decided(plan, accounts, Amounts(command.amount)).standings or ()
        if command.budget_id is not None:
            return plan, Asked(_named(standings, command.budget_id, plan), accounts)
        return plan, Asked(_in_the_way(standings), accounts)

    def _made(self, command: AskForRaise, plan: Plan, asked: Asked) -> RaiseRequest:
        made = requested(plan, asked, command.amount, command.reason, command.life)
        asker = Asker(command.by, command.principal, command.labels.user)
        made = replace(made, request_id=command.request_id, asker=asker, request=command.request)
        return with_times(made, authority_of(self._store, command.tenant_id))

    def _already_open(self, command: AskForRaise, found: RaiseRequest) -> Answered:
        if command.named:
            raise ConflictError(
                f"request {found.request_id} of this run for {found.target.budget_id} is open: "
                "wait for its answer"
            )
        key = command.key
        keep(self._store, key and replace(key, made={ID_FIELD: found.request_id}))
        return Answered(found, replayed=True)


def _named(standings: Sequence[Standing], budget_id: str, plan: Plan) -> Standing:
    """Return the standing of this budget. Raises an error if no raise of it helps the run."""
    found = [one for one in standings if one.budget.budget_id == budget_id]
    if not found:
        if all(one.budget_id != budget_id for one in plan.policy.budgets):
            raise NotFoundError(f"no budget {budget_id}")
        raise ValidationError(f"{budget_id} does not limit this run", "budget_id")
    in_usd = [one for one in found if _limits_usd(one)]
    if not in_usd:
        raise ConflictError(f"{budget_id} has no limit in USD that could be raised")
    return _narrowest(in_usd)


def _in_the_way(standings: Sequence[Standing]) -> Standing:
    """Return the narrowest budget that refuses the amount, or the one with the least left."""
    in_usd = [one for one in standings if _limits_usd(one) and one.can_refuse]
    own = [one for one in in_usd if one.gate.account.tenant_id != SYSTEM]
    refusing = [one for one in in_usd if not one.fits]
    if not own or (refusing and not any(one in own for one in refusing)):
        budget = refusing[0].budget.budget_id if refusing else None
        raise ConflictError(
            f"{budget} refuses this amount, and only an administrator of the system can raise it"
            if budget
            else "no budget of the tenant limits this run in USD"
        )
    return _narrowest(own)


def _limits_usd(one: Standing) -> bool:
    return one.gate.unit == USD and one.budget.limit is not None


def _narrowest(standings: Sequence[Standing]) -> Standing:
    refusing = (one for one in standings if not one.fits)
    chosen = next(refusing, None) or min(standings, key=lambda one: one.left or ZERO)
    budget, account = chosen.budget, chosen.gate.account
    if account.tenant_id == SYSTEM:
        raise ConflictError(
            f"{budget.budget_id} is the system's: only its administrators can raise it"
        )
    if budget.is_each and account.scope not in RUNS:
        raise ConflictError(
            f"a raise of {budget.budget_id} would hold for each {budget.scope}: set a budget for "
            f"{chosen.gate.scope_id} instead"
        )
    return chosen
