"""Judge an approval by the authority: who may, how much, and whether one approver is enough."""

from decimal import Decimal

from budget_monitor.domain.approvals.authority import Authority, Signature, first_of_another
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.errors import ForbiddenError
from budget_monitor.domain.money import render
from budget_monitor.usecases.approvals.opening import loaded
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.rules.rulebook import RulesSnapshot


def authority_in(ruling: RulesSnapshot) -> Authority:
    """Return the authority in force: the tenant's own, or the system's."""
    return loaded(ruling.rules.authority or ruling.system.authority)


def signature_of(who: Who) -> Signature:
    """Return by which name, signer or link this person is known."""
    return Signature(who.by, who.principal, who.link)


def refuse_stranger(authority: Authority, who: Who) -> None:
    """Raise ForbiddenError if this person may approve no amount."""
    if not authority.approvers_like(signature_of(who)):
        raise ForbiddenError(
            f"{_named(who)} may not answer requests: the authority names others", "by"
        )


def effective(
    authority: Authority, who: Who, found: RaiseRequest, amount: Decimal
) -> Decimal | None:
    """Return by how much the limit is raised now, in USD; None if a second approver is needed.

    Two approvers raise it by the lower of their amounts. Raises ForbiddenError if this person may
    not approve the amount, or has approved it before.
    """
    refuse_stranger(authority, who)
    person = signature_of(who)
    allowed = authority.approvers_like(person)
    if not any(one.may(amount) for one in allowed):
        most = max(one.up_to or Decimal(0) for one in allowed)
        raise ForbiddenError(
            f"{_named(who)} may approve up to {render(most)} USD: approve less, or ask others",
            "amount_usd",
        )
    if not authority.needs_two(amount):
        return amount
    first = first_of_another(person, found.approvals)
    if first is not None:
        return min(amount, first.amount)
    if found.approvals:
        raise ForbiddenError(
            f"more than {render(authority.four_eyes_above or Decimal(0))} USD needs two approvers: "
            f"{found.approvals[0].by} approved, and another person must, by an operation if the "
            "first used a link",
            "by",
        )
    return None


def _named(who: Who) -> str:
    return "a signed link" if who.link else who.principal or who.by
