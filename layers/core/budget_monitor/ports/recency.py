"""What may be some seconds old, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer's numbers come from: they are of this moment, or the store's and later."""

    as_of: datetime
    cached: bool = False

    def joined(self, other: "Origin") -> "Origin":
        """The origin of what is made of both: as old as the older, copied if one was."""
        return Origin(min(self.as_of, other.as_of), self.cached or other.cached)


@dataclass(frozen=True, slots=True)
class Recent:
    """Accounts as they were at most 10 s ago."""

    accounts: Mapping[AccountKey, Account]
    origin: Origin


@dataclass(frozen=True, slots=True)
class RecentPolicy:
    """A policy, and where it was read."""

    policy: Policy
    origin: Origin
