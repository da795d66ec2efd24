"""Suspensions: a person stopped a tenant's spending (the kill switch)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from budget_monitor.domain.periods import parse_instant, render_instant


@dataclass(frozen=True, slots=True)
class Suspension:
    """Who stopped a tenant's spending, why and when."""

    by: str
    reason: str
    at: datetime

    def dump(self) -> dict[str, str]:
        """Return the suspension as plain JSON."""
        return {"by": self.by, "reason": self.reason, "at": render_instant(self.at)}

    @classmethod
    def load(cls, dumped: Mapping[str, str]) -> "Suspension":
        """Return the suspension that `dump` wrote."""
        return cls(dumped["by"], dumped["reason"], parse_instant(dumped["at"], "at"))
