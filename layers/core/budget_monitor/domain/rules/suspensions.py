"""Suspensions: a person stopped a tenant's spending (the kill switch)."""

from collections.abc import Mapping
from datetime import datetime

from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.signers import signed
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Suspension:
    """Who stopped a tenant's spending, why and when."""

    by: str
    reason: str
    at: datetime
    principal: str | None = None

    def dump(self) -> dict[str, str]:
        """Return the suspension as plain JSON."""
        said = {"by": self.by, "reason": self.reason, "at": render_instant(self.at)}
        return said | signed(self.principal)

    @classmethod
    def load(cls, dumped: Mapping[str, str]) -> "Suspension":
        """Return the suspension that `dump` wrote."""
        at = parse_instant(dumped["at"], "at")
        return cls(dumped["by"], dumped["reason"], at, dumped.get("principal"))
