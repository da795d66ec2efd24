"""Recomputing accounts from the ledger: whoever differs is named, and rebuilt on request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal

from budget_monitor import patience
from budget_monitor.domain.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    OCCURRED,
    SYSTEM,
    TENANT,
    WORKFLOW,
    Account,
    AccountKey,
    Move,
    late_key,
    listing,
    system_key,
    tenant_key,
)
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.ledger import Entry
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import MONTH, days_of
from budget_monitor.domain.reservations import MAX_LIFE, OPEN, Reservation
from budget_monitor.domain.transactions import NamedOperation, Posting, Transaction
from budget_monitor.ports import Clock, Ids, Policies, Span, Store
from budget_monitor.usecases.notices import Notices, differing

_AROUND = timedelta(days=31)
"""How far before and after its month a run's entries are looked for."""
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Difference:
    """An account that is not the sum of its entries and open holds."""

    account: AccountKey
    expected: Move
    found: Move
    committed_off: Decimal = ZERO
    """What is missing of the stored `committed` to be what was found as spent and held."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a reconciliation found: how many accounts it compared, and those that differ."""

    month: str
    accounts: int
    differences: Sequence[Difference]
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Who wants the accounts made equal to the ledger, and why."""

    by: str
    reason: str


class Reconciling:
    """The use case of `reconcile`. An account that moves while it is compared is left out."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._ids = ids
        self._notices = Notices(store)

    def month(self, tenant_id: str) -> str:
        """The tenant's present month."""
        return self._policies.for_tenant(tenant_id).calendar.name(MONTH, self._clock.now())

    def tenants(self, month: str) -> list[str]:
        """The tenants that held or spent anything in the month."""
        return sorted(one.tenant_id for one in self._store.listed(listing(SYSTEM, TENANT, month)))

    def tenant(self, tenant_id: str, month: str, rebuild: Rebuild | None = None) -> Report:
        """Compare every account of the tenant that the month's entries and open holds name.

        `rebuild` adds what is missing, one transaction an account, with a record of who and why.
        """
        keys = self._named(tenant_id, month)
        differences = self._differing(tenant_id, month, keys)
        if rebuild:
            for one in differences:
                self._rebuild(one, rebuild)
        self._tell(tenant_id, month, differences)
        return Report(month, len(keys), differences, rebuilt=bool(rebuild and differences))

    def _tell(self, owner_id: str, month: str, found: Sequence[Difference]) -> None:
        if found:
            names = sorted(str(one.account) for one in found)
            self._notices.tell(differing(owner_id, month, names, self._clock.now()))

    def system(self, month: str) -> Report:
        """Compare the system's month with the sum of its tenants'."""
        account = system_key(month)
        tenants = [tenant_key(one, month) for one in self.tenants(month)]
        before = self._accounts([account])[account]
        months = self._accounts(tenants).values()
        after = self._accounts([account])[account]
        expected = sum((one.totals for one in months), Move())
        differs = before == after and expected != before.totals
        found = [Difference(account, expected, before.totals)] if differs else []
        self._tell(SYSTEM, month, found)
        return Report(month, 1, found)

    def _named(self, tenant_id: str, month: str) -> set[AccountKey]:
        named = {tenant_key(tenant_id, month), late_key(tenant_id, month)}
        for scope in (AGENT, MODEL):
            named |= set(self._store.listed(listing(tenant_id, scope, month)))
        for entry in self._entries(tenant_id, month):
            if entry.booking.month == month:
                named |= {one for one in entry.moved if one.tenant_id == tenant_id}
        for hold in self._open(tenant_id):
            named |= {one for one in hold.hold.accounts if one.tenant_id == tenant_id}
        return named

    def _differing(
        self, tenant_id: str, month: str, keys: Iterable[AccountKey]
    ) -> list[Difference]:
        before = self._accounts(keys)
        expected = _sums(self._entries(tenant_id, month), self._open(tenant_id))
        after = self._accounts(before)
        found = [
            Difference(
                key, expected.get(key, Move()), one.totals, one.totals.committed - one.committed
            )
            for key, one in before.items()
            if after[key] == one
        ]
        return [
            one
            for one in found
            if (one.expected != one.found or one.committed_off)
            and self._complete(one.account, month)
        ]

    def _complete(self, key: AccountKey, month: str) -> bool:
        """Whether all entries of an account lie where they were looked for; old runs' may not."""
        if key.scope not in {EXECUTION, WORKFLOW}:
            return True
        oldest = self._store.entries(
            key.tenant_id, self._store.entries_of_run(key, 1, None).entry_ids
        )
        return all(one.position[:10] >= _window(month)[0] for one in oldest.values())

    def _entries(self, tenant_id: str, month: str) -> list[Entry]:
        """Every entry that happened around the month, or that was booked far from its own day."""
        first, last = _window(month)
        days = {
            one.period
            for one in self._store.listed(listing(tenant_id, "days", "all"))
            if one.scope == OCCURRED or first <= one.period <= last
        }
        found: list[Entry] = []
        for day in sorted(days):
            after, more = None, True
            while more:
                entries, after = self._page(tenant_id, day, after)
                found += entries
                more = after is not None
        return found

    @patience.unit_of_work()
    def _page(
        self, tenant_id: str, day: str, after: str | None
    ) -> tuple[Iterable[Entry], str | None]:
        if patience.about_to_end():
            raise UnavailableError(f"the ledger of {tenant_id} is too long for this invocation")
        page = self._store.entries_of_day(tenant_id, day, Span(after=after), 1000)
        return self._store.entries(tenant_id, page.entry_ids).values(), page.resume_at

    @patience.unit_of_work()
    def _accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        return self._store.accounts(keys)

    @patience.unit_of_work()
    def _open(self, tenant_id: str) -> list[Reservation]:
        names = self._store.overdue(self._clock.now() + MAX_LIFE, _MANY, tenant_id)
        return [one for one in self._store.reservations(names) if one.state == OPEN]

    @patience.unit_of_work()
    def _rebuild(self, one: Difference, rebuild: Rebuild) -> None:
        """Add what is missing. What moves meanwhile is moved in full: the offset stays the same."""
        limit = self._limit(one.account)
        record = {
            "operation": "rebuild",
            "account": str(one.account),
            "expected": _plain(one.expected),
            "found": _plain(one.found),
            "at": self._clock.now().isoformat(),
            "by": rebuild.by,
            "reason": rebuild.reason,
        }
        names = NamedOperation(one.account.tenant_id, f"rebuild-{self._ids.new()}", record)
        posting = Posting(one.expected - one.found, limit, correction=one.committed_off)
        self._store.commit(Transaction(postings={one.account: posting}, names=names))

    def _limit(self, account: AccountKey) -> Decimal | None:
        policy = self._policies.for_tenant(account.tenant_id)
        is_month = account.scope == TENANT and len(account.period) == len("2026-11")
        now, tenant_id = self._clock.now(), account.tenant_id
        gates = [policy.tenant_gate(tenant_id, account.period, now)] if is_month else []
        return policy.limits(gates).get(account)


def _sums(entries: Iterable[Entry], holds: Iterable[Reservation]) -> dict[AccountKey, Move]:
    """What the entries and the open holds make of every account that they name."""
    sums: dict[AccountKey, Move] = {}
    for entry in entries:
        for account in entry.moved:
            sums[account] = sums.get(account, Move()) + entry.move
    for reservation in holds:
        held = Move(held=reservation.hold.amount, holds=1)
        for account in reservation.hold.accounts:
            sums[account] = sums.get(account, Move()) + held
    return sums


def _window(month: str) -> tuple[str, str]:
    """The days, first and last, on which what is booked in the month may have happened."""
    days = days_of(month)
    first, last = date.fromisoformat(days[0]) - _AROUND, date.fromisoformat(days[-1]) + _AROUND
    return first.isoformat(), last.isoformat()


def _plain(move: Move) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(move).items()}
