"""Closing a month: one statement each, announced once. It writes what was, and moves no money."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import (
    AGENT,
    MODEL,
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    Move,
    late_key,
    listing,
    system_key,
    tenant_key,
)
from budget_monitor.domain.alerts.alerts import MONTH_CLOSED, Alert
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentChange
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.months.statements import (
    Figures,
    MonthTerms,
    in_force,
    statement,
    statement_key,
    undone,
)
from budget_monitor.domain.periods import GRACE, MONTH, parse_instant
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.usecases.attempts import ROUNDS, too_many_rounds
from budget_monitor.usecases.rules.history import AT_ONCE, Histories

FIRST, LAST = timedelta(hours=14), timedelta(hours=12)
"""How far before and after its end in UTC a month ends in the zones of the earth."""
RECENT = timedelta(days=8)
"""For how long after its end a month is closed, and its statement revised, without being named."""
_INSTANT = timedelta(microseconds=1)
_READINGS = 3

CLOSED, ALREADY, TOO_EARLY, NOTHING = "closed", "already_closed", "too_early", "nothing"


class MonthClose:
    """The use case of `close_month`: it can meet a month as often as anybody likes."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._histories = Histories(store)

    def lately(self) -> str | None:
        """The month that ended lately in any zone, or None."""
        now = self._clock.now()
        oldest = UTC_CALENDAR.name(MONTH, now - LAST - RECENT)
        return oldest if oldest < UTC_CALENDAR.name(MONTH, now + FIRST) else None

    def last(self) -> str:
        """The last month whose end the calendar knows in any zone."""
        day = self._clock.now() + FIRST
        return UTC_CALENDAR.name(MONTH, day.replace(day=1) - timedelta(days=1))

    def close_fiscal(self, tenant_id: str, month: str) -> str:
        """Close the month of a tenant whose months begin on another day than the first."""
        if tenant_id == SYSTEM or not self._policy(tenant_id).calendar.is_fiscal:
            return NOTHING
        return self.close(tenant_id, month)

    def ended(self, month: str) -> str:
        """The month. Raises ValidationError where it has ended nowhere yet."""
        if self._clock.now() < UTC_CALENDAR.month_end(month) - FIRST:
            raise ValidationError(f"{month} has not ended in any time zone yet", "month")
        return month

    def tenants(self, month: str) -> list[str]:
        """The tenants that held or spent anything in the month."""
        return sorted(one.tenant_id for one in self._store.listed(listing(SYSTEM, TENANT, month)))

    def close(self, owner_id: str, month: str) -> str:
        """Write the statement of a tenant's or the system's month, unless it says nothing new.

        Answers what came of it. Raises UnavailableError where the books are moving, or do not add
        up: then nothing was written.
        """
        policy = self._policy(owner_id)
        calendar = UTC_CALENDAR if owner_id == SYSTEM else policy.calendar
        over_at = calendar.month_end(month) + (LAST if owner_id == SYSTEM else timedelta())
        if self._clock.now() < over_at:
            return TOO_EARLY
        for _ in range(ROUNDS):
            outcome = self._attempt(owner_id, month, policy, calendar)
            if outcome is not None:
                return outcome
        raise too_many_rounds()

    def _attempt(self, owner_id: str, month: str, policy: Policy, calendar: Calendar) -> str | None:
        document = statement_key(owner_id, month)
        stored = self._store.documents([document]).get(document)
        figures = self._figures(owner_id, month)
        if figures is None:
            return NOTHING
        if stored and stored.body["digest"] == figures.digest:
            return ALREADY
        terms = self._terms(owner_id, month, policy, calendar)
        written = self._write(owner_id, month, figures, terms, stored.version if stored else 0)
        return CLOSED if written else None

    @deadline.unit_of_work()
    def _write(
        self, owner_id: str, month: str, figures: Figures, terms: MonthTerms, before: int
    ) -> bool:
        """One transaction: the next statement, and with the first of them the alert."""
        now = self._clock.now()
        account = system_key(month) if owner_id == SYSTEM else tenant_key(owner_id, month)
        told = statement(account, before + 1, figures, terms, now)
        body = {"digest": figures.digest, "closed_at": told["closed_at"]}
        decided = DocumentChange(statement_key(owner_id, month), before + 1, body, told)
        alerts = () if before else (_announcement(account, told, now),)
        return self._store.commit(Transaction(decided=decided, alerts=alerts))

    def _figures(self, owner_id: str, month: str) -> Figures | None:
        """What the accounts say, once they agree; None where there was nothing at all.

        A batch of reads is no single moment: while costs still come, they are read again.
        """
        for _ in range(_READINGS):
            read = self._system(month) if owner_id == SYSTEM else self._tenant(owner_id, month)
            if read is None or read.adds_up:
                return read
        raise UnavailableError(f"the books of {month} do not add up at present")

    @deadline.unit_of_work()
    def _tenant(self, tenant_id: str, month: str) -> Figures | None:
        whole, late = tenant_key(tenant_id, month), late_key(tenant_id, month)
        parts = {
            scope: self._store.listed(listing(tenant_id, scope, month)) for scope in (AGENT, MODEL)
        }
        found = self._store.accounts([whole, late, *parts[AGENT], *parts[MODEL]])
        if not found[whole].seen:
            return None
        named = {by: _named(found, keys) for by, keys in parts.items()}
        return Figures(found[whole].totals, found[late].totals, named)

    def _system(self, month: str) -> Figures | None:
        """The system's month is its tenants'. Read in parts, since they may be thousands."""
        whole = system_key(month)
        tenants = [tenant_key(one, month) for one in self.tenants(month)]
        lates = [late_key(one.tenant_id, month) for one in tenants]
        found = {**self._accounts([whole]), **self._accounts(tenants), **self._accounts(lates)}
        if not found[whole].seen and not tenants:
            return None
        late = sum((found[one].totals for one in lates), Move())
        return Figures(found[whole].totals, late, {TENANT: _named(found, tenants)})

    @deadline.unit_of_work()
    def _accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        return self._store.accounts(keys)

    @deadline.unit_of_work()
    def _terms(self, owner_id: str, month: str, policy: Policy, calendar: Calendar) -> MonthTerms:
        """The limits as they stood at the month's last moment, whatever was decided since."""
        ends_at = calendar.month_end(month)
        last, budgets = ends_at - _INSTANT, list(policy.budgets)
        if owner_id != SYSTEM:
            since = self._since(SYSTEM, ends_at) if policy.system_version else []
            own = {one.budget_id for one in budgets if one.source == "tenant"}
            theirs = [one for one in since if one["budget_id"] not in own]
            budgets = undone(budgets, theirs, ends_at)
        budgets = undone(budgets, self._since(owner_id, ends_at), ends_at)
        name = "system-month" if owner_id == SYSTEM else "tenant-month"
        limit = next(one.at(last, month).limit for one in budgets if one.budget_id == name)
        shown = tuple(in_force(one, calendar, last) for one in budgets)
        grace = GRACE + (LAST if owner_id == SYSTEM else timedelta())
        return MonthTerms(ends_at, ends_at + grace, limit, shown)

    def _since(self, owner_id: str, moment: datetime) -> list[Mapping[str, Any]]:
        """What was decided from that moment on, the latest first."""
        found, before = list[Mapping[str, Any]](), None
        while True:
            page = self._histories.of(rules_key(owner_id), AT_ONCE, before)
            later = [one for one in page.items if parse_instant(one["at"], "at") >= moment]
            found += later
            before = page.resume_before
            if before is None or len(later) < len(page.items):
                return found

    def _policy(self, owner_id: str) -> Policy:
        self._policies.forget(owner_id)
        policy = self._policies.for_tenant(owner_id)
        if policy.damaged:
            raise UnavailableError("the stored rules are damaged")
        return policy


def _named(
    found: Mapping[AccountKey, Account], keys: Iterable[AccountKey]
) -> list[tuple[str | None, Move]]:
    return [(key.scope_id or None, found[key].totals) for key in keys]


def _announcement(account: AccountKey, told: Mapping[str, Any], now: datetime) -> Alert:
    names = ("number", "limit_usd", "spent_usd", "overrun_usd", "held_usd", "entries", "tokens")
    return Alert(
        tenant_id=account.tenant_id,
        kind=MONTH_CLOSED,
        once=(account.period,),
        at=now,
        scope=account.scope,
        scope_id=account.scope_id,
        period=account.period,
        facts={name: told[name] for name in names},
    )
