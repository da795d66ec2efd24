"""Data that may be some seconds old, and its origin."""

from collections.abc import Mapping
from datetime import datetime

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of an answer's numbers: not older than `as_of`; `cached` if copies were used."""

    as_of: datetime
    cached: bool = False

    def joined(self, other: "Origin") -> "Origin":
        """Return the origin of data made from both: the older instant, cached if one is."""
        return Origin(min(self.as_of, other.as_of), self.cached or other.cached)


@dataclass(frozen=True, slots=True)
class Recent:
    """Accounts, at most 10 s old."""

    accounts: Mapping[AccountKey, Account]
    origin: Origin


@dataclass(frozen=True, slots=True)
class RecentPolicy:
    """A policy and its origin."""

    policy: Policy
    origin: Origin
