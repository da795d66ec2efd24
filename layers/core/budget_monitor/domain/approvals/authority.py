"""Authority: who may approve up to how much, four eyes, escalation and the default on time-out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from budget_monitor.domain.approvals.outcomes import Approval
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.names import one_spelling

APPROVE, DENY = "approve", "deny"
_OF_TOKENS = "jwt:"
_ASSUMED = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/.*")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decides: the name given, and the authenticated caller or the signed link."""

    by: str
    principal: str | None = None
    link: str | None = None
    """Nonce of the signed link that was used."""

    @classmethod
    def of(cls, approval: Approval) -> "Signature":
        """Return who gave this approval."""
        return cls(approval.by, approval.principal, approval.link)

    def differs_from(self, other: "Signature") -> bool:
        """True if two persons decided, as far as names and signers can tell.

        A link does not prove who uses it, so two links never make two persons.
        """
        if self.link and other.link:
            return False
        same_signer = self.principal is not None and self.principal == other.principal
        return not same_signer and _spelled(self.by) != _spelled(other.by)


@dataclass(frozen=True)
class Approver:
    """Who may approve: callers whose signer fits a pattern, one name, or users of signed links."""

    signer: str | None = None
    """Pattern of an IAM ARN or of a JWT subject; `*` stands for any characters."""
    by: str | None = None
    """Name of a person; counts only where no signer is known."""
    link: bool = False
    """True for users of signed links."""
    up_to: Decimal | None = None
    """The most that they may approve, in USD; None: any amount."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(".*".join(map(re.escape, (self.signer or "").split("*"))), re.DOTALL)

    @property
    def is_one(self) -> bool:
        """True if it matches one person at most."""
        role = self.signer is not None and (":role/" in self.signer or "*" in self.signer)
        return self.by is not None or (self.signer is not None and not role)

    def is_for(self, who: Signature) -> bool:
        """True if it is for this person."""
        if who.link:
            return self.link
        if who.principal is None:
            return self.by is not None and _spelled(self.by) == _spelled(who.by)
        if self.signer is None:
            return False
        of_arns = self.signer.startswith("arn:")
        names = _names_of(who.principal, of_arns=of_arns)
        return any(self._pattern.fullmatch(one) for one in names)

    def may(self, amount: Decimal) -> bool:
        """True if they may approve this amount."""
        return self.up_to is None or amount <= self.up_to

    def dump(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        kinds = {"signer": self.signer, "by": self.by, "link": self.link or None}
        named = {name: value for name, value in kinds.items() if value}
        return {**named, "up_to_usd": _usd(self.up_to)}

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Approver":
        """Return what `dump` wrote. Raises KeyError, TypeError, ValueError or ValidationError."""
        return cls(
            dumped.get("signer"),
            dumped.get("by"),
            dumped.get("link") is True,
            _amount(dumped["up_to_usd"]),
        )


@dataclass(frozen=True, slots=True)
class Escalation:
    """The time after which further people are alerted, and their names."""

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeOut:
    """What is decided after a time without an answer."""

    after: timedelta
    decision: str
    up_to: Decimal | None = None
    """For `approve`: the most by which the limit is raised, in USD."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The rules of approvals of one tenant, or of all tenants."""

    approvers: tuple[Approver, ...] = ()
    """Empty: everyone who may call `approve`."""
    four_eyes_above: Decimal | None = None
    """Approvals of more USD than this need two different approvers; None: never."""
    escalation: Escalation | None = None
    time_out: TimeOut | None = None

    @property
    def says_something(self) -> bool:
        """False if it has no rule at all."""
        return self != Authority()

    def approvers_like(self, who: Signature) -> tuple[Approver, ...]:
        """Return the entries for this person. Without any entries, everyone may approve."""
        return tuple(one for one in self.approvers or (_ANYBODY,) if _fits(one, who))

    def needs_two(self, amount: Decimal) -> bool:
        """True if an approval of this amount needs two approvers."""
        return self.four_eyes_above is not None and amount > self.four_eyes_above

    def dump(self) -> dict[str, Any]:
        """Return the authority as plain JSON, as answers show it."""
        late, out = self.escalation, self.time_out
        return {
            "approvers": [one.dump() for one in self.approvers],
            "four_eyes_above_usd": _usd(self.four_eyes_above),
            "escalation": late and {"after_seconds": late.after // _SECOND, "to": list(late.to)},
            "time_out": out
            and {
                "after_seconds": out.after // _SECOND,
                "decision": out.decision,
                "up_to_usd": _usd(out.up_to),
            },
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Authority":
        """Return what `dump` wrote. Raises KeyError, TypeError, ValueError or ValidationError."""
        late, out = dumped["escalation"], dumped["time_out"]
        return cls(
            tuple(map(Approver.load, dumped["approvers"])),
            _amount(dumped["four_eyes_above_usd"]),
            late and Escalation(_SECOND * late["after_seconds"], tuple(late["to"])),
            out
            and TimeOut(_SECOND * out["after_seconds"], out["decision"], _amount(out["up_to_usd"])),
        )


_ANYBODY = Approver(by="*")


def first_of_another(who: Signature, approvals: Iterable[Approval]) -> Approval | None:
    """Return the first approval that another person gave, or None."""
    return next((one for one in approvals if who.differs_from(Signature.of(one))), None)


def _fits(one: Approver, who: Signature) -> bool:
    return one is _ANYBODY or one.is_for(who)


def _names_of(principal: str, *, of_arns: bool) -> tuple[str, ...]:
    """The signer, and the role's own ARN for a session of an assumed role.

    A token's subject also counts without `jwt:` before it, but never as an ARN.
    """
    if principal.startswith(_OF_TOKENS) and not of_arns:
        return principal, principal.removeprefix(_OF_TOKENS)
    session = _ASSUMED.fullmatch(principal)
    if session is None:
        return (principal,)
    partition, account, role = session.groups()
    return principal, f"arn:{partition}:iam::{account}:role/{role}"


def _spelled(name: str) -> str:
    return one_spelling(name).casefold()


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else render(amount)


def _amount(dumped: str | None) -> Decimal | None:
    return None if dumped is None else parse_amount(dumped, "amount_usd")
