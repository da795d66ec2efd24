"""The oracle's prepaid grants, with what is spent of each, and rollovers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.support.histories.ledger_audit import unit_of
from tests.support.histories.oracle.budgets import Budget, Carry, Grant
from tests.support.histories.oracle.months import is_closed

ZERO = Decimal()
Name = tuple[str, str]
Amounts = dict[str, Decimal]  # by unit


@dataclass(frozen=True)
class Spread:
    """What was spent of a budget and of each of its grants at a moment."""

    grants: list[tuple[Grant, bool]]
    """Each with whether it is live."""
    spent: Decimal
    used: dict[str, Decimal]


class Balances:
    """The accounts of all tenants, the budgets over them, and what is left of prepaid amounts."""

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.budgets: dict[Name, Budget] = {}
        self.used: dict[Name, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        """What is spent of each grant of a budget."""
        self.spread: dict[Name, Spread] = {}
        """What was spent when the grants of a budget last changed."""
        self.carried: dict[Carry, Decimal] = {}
        """What months got from those before them, since the product wrote it down."""
        self.unfixed: set[Carry] = set()
        """What costs of ended months changed before it was written down."""
        self.now: datetime

    def _move(self, accounts: list[str], **changes: Decimal | Amounts) -> None:
        """Change each account; amounts by unit count in the account's own."""
        for account in accounts:
            for name, one in changes.items():
                change = one[unit_of(account)] if isinstance(one, dict) else one
                if name == "spent" and change:
                    self._pay(account, change)
                self.accounts[account][name] += change
                if name in {"spent", "held"}:
                    self.accounts[account]["committed"] += change

    def _pay(self, account: str, change: Decimal) -> None:
        """Spread the change of an account over the grants of the budgets that count in it."""
        self.unfixed |= set(self._months_with_rollover(account)) - self.carried.keys()
        for name, budget in self.budgets.items():
            if budget.grants and budget.account_of("total") == account:
                self._spread(name, budget, self.accounts[account]["spent"], change)

    def _spread(self, name: Name, budget: Budget, spent: Decimal, change: Decimal) -> None:
        """Spread the net change since a grant was last added or expired over the live ones."""
        grants = [(one, one.is_live(self.now)) for one in budget.grants]
        if name not in self.spread or self.spread[name].grants != grants:
            self.spread[name] = Spread(grants, spent, dict(self.used[name]))
        since = self.spread[name]
        self.used[name] = defaultdict(Decimal, since.used)
        net, own = spent + change - since.spent, since.spent - sum(since.used.values())
        live = sorted((one for one, is_live in grants if is_live), key=_rank)
        if net > 0:
            # What was refunded of grants that are gone is used before any other grant.
            self._take(name, live, net - min(max(-own, ZERO), net))
        else:
            self._give_back(name, live, -net - min(max(own, ZERO), -net))

    def _take(self, name: Name, live: list[Grant], amount: Decimal) -> None:
        for grant in live:
            part = min(grant.amount - self.used[name][grant.name], amount)
            self.used[name][grant.name] += part
            amount -= part

    def _give_back(self, name: Name, live: list[Grant], amount: Decimal) -> None:
        for grant in reversed(live):
            part = min(self.used[name][grant.name], amount)
            self.used[name][grant.name] -= part
            amount -= part

    def limit_of(self, budget: Budget, period: str, now: datetime) -> Decimal:
        """The limit of a period at that moment: live grants whole, gone ones as far as spent."""
        used = self.used[budget.owner, budget.name]
        granted = (g.amount if g.is_live(now) else used[g.name] for g in budget.grants)
        return budget.limit + sum(granted, ZERO) + self.carry(budget, period, now)

    def carry(self, budget: Budget, month: str, now: datetime) -> Decimal:
        """What the month got from the one before it: as written down, or as it is now."""
        if budget.rollover is None or budget.since is None or month <= budget.since:
            return ZERO
        before = _month_before(month)
        state = "final" if is_closed(before, now) else "first"
        known = self.carried.get((budget.owner, budget.name, month, state))
        return self._left(budget, before, now) if known is None else known

    def _left(self, budget: Budget, month: str, now: datetime) -> Decimal:
        """What a month may hand on."""
        used = self.accounts[budget.account_of(month)]["committed"]
        left = budget.limit + self.carry(budget, month, now) - used
        return min(budget.rollover or ZERO, max(left, ZERO))

    def _months_with_rollover(self, account: str) -> Iterator[Carry]:
        """What must be known of a month that has ended before its account moves."""
        month = account.rsplit("#", maxsplit=1)[-1]
        if len(month) != len("2026-11"):
            return
        for (owner, name), budget in self.budgets.items():
            is_past = budget.since and budget.since <= month < f"{self.now:%Y-%m}"
            if is_past and budget.account_of(month) == account:
                state = "final" if is_closed(month, self.now) else "first"
                yield owner, name, _month_after(month), state

    def carries(self, names: Iterable[Carry]) -> dict[Carry, Decimal]:
        """What these carry over, as the accounts are now."""
        found = {}
        for carry in names:
            owner, name, month, state = carry
            before = _month_before(month)
            assert is_closed(before, self.now) == (state == "final"), f"{carry} at {self.now}"
            found[carry] = self._left(self.budgets[owner, name], before, self.now)
        return found


def _rank(grant: Grant) -> tuple[datetime, int, datetime, str]:
    return grant.rank


def _month_before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1)}-{(number + 10) % 12 + 1:02}"


def _month_after(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"
