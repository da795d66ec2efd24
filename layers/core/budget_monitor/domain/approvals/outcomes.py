"""How a request for more limit ends, and the approvals on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant

OPEN, APPROVED, DENIED, EXPIRED = "open", "approved", "denied", "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that needs a second approver to take effect."""

    at: datetime
    by: str
    reason: str
    principal: str | None
    amount: Decimal
    """By how much the approver would raise the limit, in USD."""
    link: str | None = None
    """Nonce of the signed link that was used; None: the operation `approve`."""

    def dump(self) -> dict[str, Any]:
        """Return the approval as plain JSON, as answers show it."""
        return {
            "at": render_instant(self.at),
            "by": self.by,
            "reason": self.reason,
            "principal": self.principal,
            "amount_usd": render(self.amount),
            "link": self.link,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Approval":
        """Return the approval that `dump` wrote. Raises KeyError, TypeError or ValueError."""
        return cls(
            at=parse_instant(dumped["at"], "at"),
            by=dumped["by"],
            reason=dumped["reason"],
            principal=dumped["principal"],
            amount=parse_amount(dumped["amount_usd"], "amount_usd"),
            link=dumped["link"],
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended: approved, denied or expired."""

    state: str
    at: datetime
    by: str | None = None
    reason: str | None = None
    principal: str | None = None
    amount: Decimal | None = None
    """By how much the limit was raised, in USD."""
    raise_id: str | None = None
    """The raise of the budget; None if the run got a limit of its own."""
    own_limit: Decimal | None = None
    """The run's own limit from then on, in USD."""

    def dump(self) -> dict[str, Any]:
        """Return the outcome as plain JSON, as answers show it."""
        return {
            "state": self.state,
            "at": render_instant(self.at),
            "by": self.by,
            "reason": self.reason,
            "principal": self.principal,
            "amount_usd": _dump(self.amount),
            "raise_id": self.raise_id,
            "own_limit_usd": _dump(self.own_limit),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Outcome":
        """Return the outcome that `dump` wrote. Raises KeyError, TypeError or ValueError."""
        return cls(
            state=dumped["state"],
            at=parse_instant(dumped["at"], "at"),
            by=dumped["by"],
            reason=dumped["reason"],
            principal=dumped["principal"],
            amount=_load(dumped["amount_usd"]),
            raise_id=dumped["raise_id"],
            own_limit=_load(dumped["own_limit_usd"]),
        )


def _dump(amount: Decimal | None) -> str | None:
    return None if amount is None else render(amount)


def _load(dumped: str | None) -> Decimal | None:
    return None if dumped is None else parse_amount(dumped, "amount_usd")
