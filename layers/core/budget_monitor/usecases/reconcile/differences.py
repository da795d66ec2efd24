"""What a reconciliation finds: accounts that differ, and accounts that it could not compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.money import ZERO

INDEX_LAG = timedelta(seconds=5)
"""An index shows what was committed this long ago. A longer lag is noticed: see `looks`."""
COMMIT_WITHIN = timedelta(seconds=30)
"""A request that recorded an entry has committed it, or never will, after this time."""
CLOCKS_APART = timedelta(seconds=1)
"""How far the clocks of two functions may differ."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An account that is not the sum of its entries and open holds."""

    account: AccountKey
    expected: Move
    found: Move
    committed_off: Decimal = ZERO
    """What is missing of the stored `committed` to be what was found as spent and held."""
    as_found: Account | None = None
    """The account when it was compared last; a rebuild is refused unless it is still like this."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An account that could not be compared this time, and when it was last."""

    account: AccountKey
    reason: str
    last_compared_at: datetime | None = None
    since: datetime | None = None
    """When it was skipped first, since it was compared last."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a reconciliation found: how many accounts it compared, and those that differ."""

    owner_id: str
    month: str
    accounts: int
    differences: Sequence[Difference]
    skipped: Sequence[Skipped] = ()
    not_compared: Sequence[AccountKey] = ()
    """Runs with entries outside the days that were read."""
    complete: bool = True
    """Whether all accounts are named: lists that lag lack accounts, too."""
    rebuilt: bool = False
    """Whether all differences were written back."""
    age: timedelta = timedelta()
    """How long ago the account that waits longest was compared; zero when none was skipped."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Who wants the accounts made equal to the ledger, and why."""

    by: str
    reason: str
