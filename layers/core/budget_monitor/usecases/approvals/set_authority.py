"""Set who may approve requests, and read it. Rules that no person can meet are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from budget_monitor.domain.approvals.authority import APPROVE, Authority
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.domain.names import one_spelling
from budget_monitor.domain.rules.rulebook import Rules
from budget_monitor.usecases.approvals.judge import authority_in
from budget_monitor.usecases.approvals.opening import loaded
from budget_monitor.usecases.authority import refuse_owner
from budget_monitor.usecases.rules.rulebook import Applied, ChangeRules, Rulebook, RulesSnapshot


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """The authority in force and who set it: `tenant`, `system` or `default`."""

    authority: Authority
    source: str
    version: int
    replayed: bool = False
    principal: str | None = None
    """The signer of the change, if there was one."""

    @property
    def warnings(self) -> Sequence[str]:
        """What people should know about these rules."""
        return _warnings(self.authority)


class AuthoritySetting:
    """The use cases `set_authority` and `get_authority`, of a tenant and of the system."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def get(self, tenant_id: str) -> AuthorityView:
        """Return the authority that applies to the tenant, or to all tenants for the system."""
        return _view(self._rulebook.ruling(tenant_id))

    def set(self, command: ChangeRules, authority: Authority) -> AuthorityView:
        """Replace the rules; an empty authority removes them.

        It holds from the next decision on. Raises ValidationError for rules that nobody could
        meet, ForbiddenError for the tenant's owner, and ConflictError if the rules do not have the
        expected version.
        """
        refuse_impossible(authority)

        def revise(before: RulesSnapshot) -> Rules:
            refuse_owner(command.who, before.rules.owners, command.tenant_id)
            _refuse_owners(authority, before.rules)
            dumped = authority.dump() if authority.says_something else None
            return replace(before.rules, authority=dumped)

        made = self._rulebook.change(command, revise, _shown)
        return _answer(made)


def refuse_impossible(authority: Authority) -> None:
    """Raise ValidationError, which names the field, for rules that nobody could meet."""
    limit, late, out = authority.four_eyes_above, authority.escalation, authority.time_out
    if limit is not None and authority.approvers and not _two_may(authority):
        raise ValidationError(
            f"four_eyes_above_usd needs two approvers who may approve more than {render(limit)} "
            "USD, one of them not by a link: approvers has fewer",
            "four_eyes_above_usd",
        )
    if late and out and late.after >= out.after:
        raise ValidationError(
            "escalation.after_seconds must be below time_out.after_seconds",
            "escalation.after_seconds",
        )
    if out and out.decision == APPROVE and limit is not None and (out.up_to or 0) > limit:
        raise ValidationError(
            "time_out.up_to_usd must be at most four_eyes_above_usd: a time-out is no approver",
            "time_out.up_to_usd",
        )


def _two_may(authority: Authority) -> bool:
    """True if two persons could approve above the amount of four eyes, or nobody has to."""
    limit = authority.four_eyes_above
    if limit is None:
        return True
    above = [one for one in authority.approvers if one.up_to is None or one.up_to > limit]
    people = [one for one in above if not one.link]
    if not above:
        return True
    single = {one_spelling(one.by or one.signer or "").casefold() for one in people}
    several = any(not one.is_one for one in people)
    return bool(people) and (several or len(single) > 1 or len(above) > len(people))


def _refuse_owners(authority: Authority, rules: Rules) -> None:
    """Raise ValidationError if the tenant's owner, who may approve no raise, is the only one."""
    owner = rules.owner
    if owner is None or not authority.approvers:
        return
    spelled = one_spelling(owner).casefold()
    names = {one_spelling(one.by or "").casefold() for one in authority.approvers}
    if names == {spelled}:
        raise ValidationError(
            f"approvers has no one else: {owner} owns {rules.tenant_id} and cannot approve "
            "its raises",
            "approvers",
        )


def _warnings(authority: Authority) -> list[str]:
    """Name the amounts that no approver covers."""
    most = [one.up_to for one in authority.approvers]
    limits = [one for one in most if one is not None]
    found = []
    if limits and len(limits) == len(most):
        found.append(
            f"no one may approve more than {render(max(limits))} USD; such a request can only be "
            "approved in part"
        )
    return found + [
        f"approver {one.by} counts only for callers without a signer: direct invocations"
        for one in authority.approvers
        if one.by
    ]


def _view(ruling: RulesSnapshot) -> AuthorityView:
    own, shared = ruling.rules.authority, ruling.system.authority
    source = ruling.rules.source if own else ("system" if shared else "default")
    return AuthorityView(authority_in(ruling), source, ruling.rules.version)


def _answer(made: Applied) -> AuthorityView:
    after = made.change["after"]
    view = AuthorityView(loaded(after["authority"]), after["source"], made.version)
    return replace(view, replayed=made.replayed, principal=made.change["principal"])


def _shown(ruling: RulesSnapshot) -> Mapping[str, Any]:
    view = _view(ruling)
    return {"authority": view.authority.dump(), "source": view.source}
