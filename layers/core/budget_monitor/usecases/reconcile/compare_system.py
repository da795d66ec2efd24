"""Compare the system's month with the sum of its tenants' months."""

from dataclasses import dataclass, field

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    Move,
    listing,
    system_key,
    tenant_key,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.ports import Reads
from budget_monitor.usecases.reconcile.differences import Difference, Report, Skipped
from budget_monitor.usecases.reconcile.look import NOTHING

MAX_LOOKS = 3
MAX_TOGETHER = 100
"""Maximum of rows in one consistent read."""

UNLISTED = "not all of its tenants may be listed: they count other entries or holds"
MOVING = "it changed during every comparison"
ONCE = "no time was left for a second comparison"


@dataclass(frozen=True, slots=True)
class _Look:
    """The system's account and its difference from its tenants; None if it changed meanwhile."""

    account: Account
    off: Move | None

    @property
    def is_equal(self) -> bool:
        return self.off == NOTHING and self.account.totals.committed == self.account.committed

    @property
    def has_all_tenants(self) -> bool:
        """True if the counts of entries and holds add up, so that no tenant is missing."""
        return self.off is not None and not self.off.entries and not self.off.holds


@dataclass(slots=True)
class SystemComparison:
    """The system's comparison. A difference is confirmed when two looks in a row see the same."""

    store: Reads
    month: str
    tenant_id: str = SYSTEM
    _seen: list[_Look] = field(default_factory=list)

    @property
    def is_pending(self) -> bool:
        """True if another look may give more information."""
        if not self._seen:
            return True
        return not (self._seen[-1].is_equal or self._is_same_twice or len(self._seen) >= MAX_LOOKS)

    @property
    def _is_same_twice(self) -> bool:
        offs = [one.off for one in self._seen[-2:]]
        return len(offs) > 1 and offs[0] is not None and offs[0] == offs[1]

    def look(self) -> None:
        """Take one more look. Raises UnavailableError."""
        account = system_key(self.month)
        keys = [tenant_key(one, self.month) for one in self._tenants()]
        rows = sum(self.store.max_rows(one) for one in (account, *keys))
        if rows <= MAX_TOGETHER:
            together = self._at_one_moment([account, *keys])
            self._seen.append(_Look(together[account], _off(together, account)))
            return
        before = self._at_one_moment([account])[account]
        months = {row.key: row for row in self._months(keys)}
        after = self._at_one_moment([account])[account]
        off = _off({**months, account: after}, account)
        still = (before.totals, before.committed) == (after.totals, after.committed)
        self._seen.append(_Look(after, off if still else None))

    def report(self) -> Report:
        """Return the result so far."""
        last, account = self._seen[-1], system_key(self.month)
        found, skipped = list[Difference](), list[Skipped]()
        if not last.is_equal:
            if not self._is_same_twice:
                skipped.append(Skipped(account, ONCE if len(self._seen) == 1 else MOVING))
            elif not last.has_all_tenants:
                skipped.append(Skipped(account, UNLISTED))
            else:
                totals = last.account.totals
                committed_off = totals.committed - last.account.committed
                expected = totals - (last.off or NOTHING)
                found.append(Difference(account, expected, totals, committed_off or ZERO))
        return Report(SYSTEM, self.month, 1 - len(skipped), found, skipped, complete=not skipped)

    @deadline.unit_of_work()
    def _tenants(self) -> list[str]:
        listed = self.store.listed(listing(SYSTEM, TENANT, self.month))
        return [one.tenant_id for one in listed]

    @deadline.unit_of_work()
    def _at_one_moment(self, keys: list[AccountKey]) -> dict[AccountKey, Account]:
        return dict(self.store.snapshot(keys).accounts)

    @deadline.unit_of_work()
    def _months(self, keys: list[AccountKey]) -> list[Account]:
        return list(self.store.accounts(keys).values())


def _off(rows: dict[AccountKey, Account], account: AccountKey) -> Move:
    return rows[account].totals - sum(
        (row.totals for key, row in rows.items() if key != account), NOTHING
    )
