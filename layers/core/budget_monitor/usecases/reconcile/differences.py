"""Results of a reconciliation: accounts that differ, and accounts that were not compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.money import ZERO

INDEX_LAG = timedelta(seconds=5)
"""Assumed lag of an index. A longer lag is detected: see look.py."""
COMMIT_WITHIN = timedelta(seconds=30)
"""After this time, a request has committed its entry, or never will."""
CLOCKS_APART = timedelta(seconds=1)
"""Maximum difference between the clocks of two functions."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An account that is not the sum of its entries and open holds."""

    account: AccountKey
    expected: Move
    found: Move
    committed_off: Decimal = ZERO
    """Spent + held, as found, minus the stored `committed`, in USD."""
    as_found: Account | None = None
    """The account as it was compared; a rebuild is refused if it has changed since then."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An account that could not be compared this time, and when it was compared last."""

    account: AccountKey
    reason: str
    last_compared_at: datetime | None = None
    since: datetime | None = None
    """When it was first skipped after its last comparison."""


@dataclass(frozen=True, slots=True)
class Report:
    """The number of compared accounts, those that differ and those that were skipped."""

    tenant_id: str
    month: str
    accounts: int
    differences: Sequence[Difference]
    skipped: Sequence[Skipped] = ()
    not_compared: Sequence[AccountKey] = ()
    """Runs with entries outside the days that were read."""
    complete: bool = True
    """False if accounts may be missing from the report, because a list lags."""
    rebuilt: bool = False
    """True if all differences were repaired."""
    age: timedelta = timedelta()
    """Time since the longest waiting skipped account was compared; zero if none was skipped."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Request to make the accounts equal to the ledger: by whom and why."""

    by: str
    reason: str
    principal: str | None = None
