"""Reprice past costs with the current prices. Differences are booked as adjustments.

The repricings of a cost are numbered; the last one has the price that the cost has now. Each
repricing's id contains its number. So two callers at the same time cannot book the same difference
twice, and a second repricing finds no difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import net_key
from budget_monitor.domain.accounting.labels import key
from budget_monitor.domain.costs.ledger import COST, REPRICE_PREFIX, Entry
from budget_monitor.domain.errors import (
    BudgetMonitorError,
    ForbiddenError,
    IdempotencyMismatchError,
    UnavailableError,
    UnknownPriceError,
)
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.prices.sheets import FALLBACK
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.ports import Policies, Store
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.authority import Who, owners_of, refuse_owner
from budget_monitor.usecases.costs.adjust import (
    Adjust,
    Adjusting,
    above_ceiling,
    below_zero,
)
from budget_monitor.usecases.idempotency import keep
from budget_monitor.usecases.prices.pricing import Pricing
from budget_monitor.usecases.prices.spent import Bill, spent_of
from budget_monitor.usecases.reports.ledger_list import LedgerList, LedgerQuery


@dataclass(frozen=True, slots=True)
class Reprice:
    """Reprice a tenant's costs of a time range, with who and why. A dry run books nothing."""

    tenant_id: str
    start: datetime
    end: datetime
    by: str
    reason: str
    dry_run: bool = True
    model: str | None = None
    principal: str | None = None
    """The authenticated principal, if known."""
    key: IdempotencyKey | None = None
    """Idempotency key of the repricing, the same for all pages."""

    @property
    def who(self) -> Who:
        """Return who reprices and why."""
        return Who(self.by, self.reason, self.principal)


@dataclass(frozen=True, slots=True)
class Repriced:
    """One repriced cost. Amounts are in USD; `error` says why it could not be repriced."""

    entry: Entry
    before: Decimal
    after: Decimal
    bill: Bill | None = None
    adjustment_id: str | None = None
    error: BudgetMonitorError | None = None

    @property
    def difference(self) -> Decimal:
        """Return the change of the cost in USD; negative if it is cheaper."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class RepricedPage:
    """Repriced costs, oldest first, including unchanged ones."""

    items: Sequence[Repriced] = field(default_factory=tuple)
    given: int = 0
    """Number of costs with a given amount: they are never repriced."""
    quarantined: int = 0
    """Number of quarantined costs: they count in no account and are not repriced."""
    resume_at: str | None = None

    @property
    def changed(self) -> Sequence[Repriced]:
        """Return the costs that changed or could not be repriced."""
        return [one for one in self.items if one.difference or one.error]

    def total(self, name: str) -> Decimal:
        """Return the sum of `before`, `after` or `difference` over all items, in USD."""
        return sum((getattr(one, name) for one in self.items), ZERO)


class Repricing:
    """The use case of `reprice`."""

    def __init__(
        self,
        store: Store,
        policies: Policies,
        ledger: LedgerList,
        pricing: Pricing,
        adjusting: Adjusting,
    ) -> None:
        self._store = store
        self._policies = policies
        self._ledger = ledger
        self._pricing = pricing
        self._adjusting = adjusting

    def reprice(self, command: Reprice, limit: int, after: str | None) -> RepricedPage:
        """Reprice one page of the costs in the range. Write one adjustment per difference.

        Costs with a given amount and quarantined costs are left unchanged. A cost whose price is
        now unknown is left unchanged and has an error. The page ends early if the time runs out.
        """
        self._policies.forget(command.tenant_id)
        if not command.dry_run:
            keep(self._store, command.key)
        page = self._ledger.page(
            command.tenant_id, LedgerQuery(command.start, command.end), limit, after
        )
        costs = [one for one in page.entries if one.kind == COST and _of(one, command.model)]
        priced = [one for one in costs if one.price is not None and not one.quarantined]
        lines, items = self._lines(command.tenant_id, priced), list[Repriced]()
        for entry in priced:
            if items and not command.dry_run and deadline.left() <= deadline.BUDGET_SECONDS / 3:
                last = items[-1].entry.position
                return _page([one for one in costs if one.position < last], items, last)
            with deadline.unit_of_work():
                items.append(self._one(command, entry, lines[entry.entry_id]))
        if command.dry_run:
            items = self._bookable(items)
        return _page(costs, items, page.resume_at)

    def _one(self, command: Reprice, entry: Entry, line: Sequence[Entry]) -> Repriced:
        """Reprice one cost, and book the difference unless it is a dry run."""
        for _ in range(MAX_ROUNDS):
            done = self._permitted(command, self._computed(command.tenant_id, entry, line))
            if command.dry_run or done.error or not done.difference:
                return done
            named = replace(done, adjustment_id=_name(entry, len(line) + 1))
            try:
                self._adjusting.book(_adjustment(command, named))
            except IdempotencyMismatchError:
                line = self._lines(command.tenant_id, [entry])[entry.entry_id]
            except UnavailableError:
                raise
            except BudgetMonitorError as fault:
                return replace(done, after=done.before, error=fault)
            else:
                return named
        raise too_many_rounds()

    def _permitted(self, command: Reprice, done: Repriced) -> Repriced:
        """Return the item, with an error if the tenant's owner would lower a cost."""
        if done.difference >= 0:
            return done
        owners = owners_of(self._policies.for_tenant(command.tenant_id), command.tenant_id)
        try:
            refuse_owner(command.who, owners, command.tenant_id)
        except ForbiddenError as fault:
            return replace(done, after=done.before, error=fault)
        return done

    def _bookable(self, items: Sequence[Repriced]) -> list[Repriced]:
        """Return the items, with an error for each difference that could not be booked.

        It cannot be booked if it is above the ceiling per entry, or if the cost's net after other
        adjustments would fall below zero.
        """
        nets = {net_key(one.entry.tenant_id, one.entry.entry_id): one for one in items}
        falling = [net for net, one in nets.items() if one.difference < 0]
        accounts = self._store.accounts(falling) if falling else {}
        for net, one in nets.items():
            policy = self._policies.for_tenant(one.entry.tenant_id)
            if policy.is_above_ceiling(one.difference):
                fault = above_ceiling(one.difference, policy)
                nets[net] = replace(one, after=one.before, error=fault)
        for net, account in accounts.items():
            done = nets[net]
            left = done.entry.amount + account.totals.spent
            if left + done.difference < 0:
                nets[net] = replace(done, after=done.before, error=below_zero(left))
        return list(nets.values())

    def _computed(self, tenant_id: str, entry: Entry, line: Sequence[Entry]) -> Repriced:
        before = entry.amount + sum((one.amount for one in line), ZERO)
        policy = self._policies.for_tenant(tenant_id)
        try:
            spent = spent_of(entry)
            bill = self._pricing.bill(spent, entry.labels, policy, entry.occurred_at)
            if bill.guessed and (line[-1] if line else entry).price_source != FALLBACK:
                raise _no_guess(entry)
        except UnavailableError:
            raise
        except BudgetMonitorError as fault:
            return Repriced(entry, before, before, error=fault)
        return Repriced(entry, before, bill.amount, bill)

    def _lines(self, tenant_id: str, entries: Sequence[Entry]) -> Mapping[str, Sequence[Entry]]:
        """Return the repricings of each cost, oldest first."""
        lines: dict[str, list[Entry]] = {one.entry_id: [] for one in entries}
        open_ends = list(entries)
        while open_ends:
            names = {one.entry_id: _name(one, len(lines[one.entry_id]) + 1) for one in open_ends}
            found = self._store.entries(tenant_id, names.values())
            for one in open_ends:
                if names[one.entry_id] in found:
                    lines[one.entry_id].append(found[names[one.entry_id]])
            open_ends = [one for one in open_ends if names[one.entry_id] in found]
        return lines


def _page(costs: Sequence[Entry], items: Sequence[Repriced], resume_at: str | None) -> RepricedPage:
    apart = sum(1 for one in costs if one.quarantined)
    given = sum(1 for one in costs if one.price is None and not one.quarantined)
    return RepricedPage(items, given, apart, resume_at)


def _no_guess(entry: Entry) -> UnknownPriceError:
    """Return the error for a cost whose price would be replaced by a fallback price."""
    return UnknownPriceError(
        f"no price is known any more for the model {entry.labels.model}, and a fallback_price "
        "takes no price's place"
    )


def _of(entry: Entry, model: str | None) -> bool:
    return model is None or (entry.labels.model or "").casefold() == model.casefold()


def _name(entry: Entry, number: int) -> str:
    """Return the id of the cost's repricing with this number."""
    return f"{REPRICE_PREFIX}{sha256(key(entry.entry_id).encode()).hexdigest()[:40]}:{number}"


def _adjustment(command: Reprice, done: Repriced) -> Adjust:
    amount = done.difference
    return Adjust(
        tenant_id=command.tenant_id,
        entry_id=done.entry.entry_id,
        adjustment_id=done.adjustment_id or "",
        amount=amount,
        reason=command.reason,
        by=command.by,
        request={
            "operation": "reprice",
            "entry_id": done.entry.entry_id,
            "amount_usd": render(amount),
            "reason": command.reason,
            "by": command.by,
        },
        price=done.bill.kept_quote if done.bill else None,
        principal=command.principal,
    )
