"""Balances: what expired grants and ended months leave in the limits of a tenant's budgets.

Both depend on what was spent at a moment that is past. Whoever needs a policy after such a moment
first writes down, once and for all, what the account said: nothing has moved it since then, as
everything that moves it needs the policy. These facts never change, so no version guards them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from budget_monitor.domain.accounting.booking import GRACE
from budget_monitor.domain.accounting.labels import key
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.money import ZERO, parse_amount, render
from budget_monitor.domain.periods import MONTH, TOTAL, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.grants import Tally
from budget_monitor.domain.rules.policy import Policy, budget_account
from budget_monitor.domain.rules.rollovers import months_between
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Store

BALANCE = "balance"
"""Kind of the documents that store these facts."""
MAX_MONTHS = 48
"""Maximum of months that a rollover goes back. Older months carry nothing."""
_RECENT = 2


class Balances:
    """Completes budgets by what was left at past moments. `keeps`: new facts are written down."""

    def __init__(self, store: Store, *, keeps: bool) -> None:
        self._store = store
        self._keeps = keeps

    def policy(self, policy: Policy, tenant_id: str, now: datetime) -> Policy:
        """Return the policy with its balances, and until when no further grant expires."""
        kept = [one for one in (policy.tenant_month, *policy.custom) if one.keeps_balance]
        done = {one.budget_id: self.budget(one, tenant_id, policy.calendar, now) for one in kept}
        ahead = [
            grant.expires_at
            for one in kept
            for grant in one.balance.grants
            if grant.expires_at and grant.is_in_force(now)
        ]
        return replace(policy.with_budgets(done), fresh_until=min(ahead, default=None))

    def budget(self, budget: Budget, tenant_id: str, calendar: Calendar, now: datetime) -> Budget:
        """The budget with its balance. One read of facts, and one of accounts for new ones."""
        if budget.balance.expiries(now):
            return self._expired(budget, tenant_id, now)
        if budget.rollover is not None:
            return self._rolled(budget, tenant_id, calendar, now)
        return budget

    def spent(self, budget: Budget, tenant_id: str) -> Decimal:
        """Return what a budget of period `total` has spent, in USD."""
        account = budget_account(budget, tenant_id, TOTAL)
        return self._store.accounts([account])[account].totals.spent

    def _expired(self, budget: Budget, tenant_id: str, now: datetime) -> Budget:
        """Return the budget with a tally that includes all grants that expired by now."""
        balance, moments = budget.balance, budget.balance.expiries(now)
        names = {moment: _fact(budget, tenant_id, sortable(moment)) for moment in moments}
        known = self._store.documents(names.values())
        tally, spent = balance.tally or Tally(min(one.at for one in balance.grants)), None
        for moment, name in names.items():
            if name in known:
                tally = Tally.load(known[name].body)
                continue
            spent = self.spent(budget, tenant_id) if spent is None else spent
            tally = tally.spread(balance.grants, spent, moment)
            tally = Tally.load(self._kept(name, tally.dump()))
        return replace(budget, balance=replace(balance, tally=tally))

    def _rolled(self, budget: Budget, tenant_id: str, calendar: Calendar, now: datetime) -> Budget:
        """Return the budget with the amounts that its months got from earlier ones.

        A month's remainder is fixed when the next month begins, and once more, for good, when the
        month takes no more costs.
        """
        rule, limit = budget.rollover, budget.limit
        if rule is None or limit is None:
            return budget
        months = [rule.since, *months_between(rule.since, calendar.name(MONTH, now))]
        steps = list(pairwise(months[-MAX_MONTHS - 1 :]))
        names = {
            month: _fact(budget, tenant_id, f"{month}-{_state(calendar, before, now)}")
            for before, month in steps
        }
        facts = self._carried(names)
        if any(month not in facts for _, month in steps[-_RECENT:]):
            accounts = self._committed(budget, tenant_id, months)
            for before, month in steps:
                if month not in facts:
                    found = rule.carried(limit, facts.get(before, ZERO), accounts[before])
                    fact = self._kept(names[month], {"carried_usd": render(found)})
                    facts[month] = _amount(fact)
        return replace(budget, carried=facts)

    def _carried(self, names: Mapping[str, DocumentKey]) -> dict[str, Decimal]:
        """Return the stored facts of the last months; of all months if one of these is new."""
        recent = dict(list(names.items())[-_RECENT:])
        known = self._store.documents(recent.values())
        if len(known) < len(recent):
            known = self._store.documents(names.values())
        return {month: _amount(known[name].body) for month, name in names.items() if name in known}

    def _committed(
        self, budget: Budget, tenant_id: str, months: Iterable[str]
    ) -> Mapping[str, Decimal]:
        keys = {month: budget_account(budget, tenant_id, month) for month in months}
        found = self._store.accounts(keys.values())
        return {month: found[account].totals.committed for month, account in keys.items()}

    def _kept(self, name: DocumentKey, fact: Request) -> Request:
        """Return the stored fact: this one, unless another was written before."""
        if not self._keeps:
            return fact
        written = DocumentChange(name, 1, fact, {})
        if self._store.commit(Transaction(document_change=written)):
            return fact
        return self._store.documents([name])[name].body


def _state(calendar: Calendar, month: str, now: datetime) -> str:
    """True if the month's remainder is final: it takes no more costs."""
    return "final" if now >= calendar.month_end(month) + GRACE else "first"


def _fact(budget: Budget, tenant_id: str, what: str) -> DocumentKey:
    return DocumentKey(tenant_id, BALANCE, key(budget.budget_id, budget.life, what))


def _amount(body: Request) -> Decimal:
    return parse_amount(body["carried_usd"], "carried_usd")
