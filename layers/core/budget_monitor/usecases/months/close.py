"""Monthly close: one statement per tenant and one for the system. It moves no money."""

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
from budget_monitor.domain.accounting.booking import GRACE
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
from budget_monitor.domain.periods import MONTH, parse_instant
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.reports.folding import folded
from budget_monitor.usecases.rules.history import AT_ONCE, HistoryReader

FIRST, LAST = timedelta(hours=14), timedelta(hours=12)
"""How long before and after its end in UTC a month ends in other time zones."""
RECENT = timedelta(days=8)
"""A run without a named month closes, and revises, months that ended within this time."""
_INSTANT = timedelta(microseconds=1)
_READINGS = 3

CLOSED, ALREADY, TOO_EARLY, NOTHING = "closed", "already_closed", "too_early", "nothing"


class MonthClose:
    """The use case of `close_month`. Repeated runs are safe."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._histories = HistoryReader(store)

    def lately(self) -> str | None:
        """Return the month that ended recently in any time zone, or None."""
        now = self._clock.now()
        oldest = UTC_CALENDAR.name(MONTH, now - LAST - RECENT)
        return oldest if oldest < UTC_CALENDAR.name(MONTH, now + FIRST) else None

    def last(self) -> str:
        """The last month that the calendar can name in every time zone."""
        day = self._clock.now() + FIRST
        return UTC_CALENDAR.name(MONTH, day.replace(day=1) - timedelta(days=1))

    def close_fiscal(self, tenant_id: str, month: str) -> str:
        """Close the month of a tenant whose months begin on another day than the first."""
        if tenant_id == SYSTEM or not self._policy(tenant_id).calendar.is_fiscal:
            return NOTHING
        return self.close(tenant_id, month)

    def ended(self, month: str) -> str:
        """Return the month. Raises ValidationError if it has not ended in any time zone yet."""
        if self._clock.now() < UTC_CALENDAR.month_end(month) - FIRST:
            raise ValidationError(f"{month} has not ended in any time zone yet", "month")
        return month

    def tenants(self, month: str) -> list[str]:
        """Return the tenants that held or spent anything in the month."""
        return sorted(one.tenant_id for one in self._store.listed(listing(SYSTEM, TENANT, month)))

    def close(self, tenant_id: str, month: str) -> str:
        """Write a statement for the month of a tenant or the system, if its figures are new.

        Returns CLOSED, ALREADY, TOO_EARLY or NOTHING. Raises UnavailableError, and writes nothing,
        if the accounts do not add up, for example because costs still arrive.
        """
        policy = self._policy(tenant_id)
        calendar = UTC_CALENDAR if tenant_id == SYSTEM else policy.calendar
        over_at = calendar.month_end(month) + (LAST if tenant_id == SYSTEM else timedelta())
        if self._clock.now() < over_at:
            return TOO_EARLY
        for _ in range(MAX_ROUNDS):
            outcome = self._attempt(tenant_id, month, policy, calendar)
            if outcome is not None:
                return outcome
        raise too_many_rounds()

    def _attempt(
        self, tenant_id: str, month: str, policy: Policy, calendar: Calendar
    ) -> str | None:
        document = statement_key(tenant_id, month)
        stored = self._store.documents([document]).get(document)
        figures = self._figures(tenant_id, month, policy)
        if figures is None:
            return NOTHING
        if stored and stored.body["digest"] == figures.digest:
            return ALREADY
        terms = self._terms(tenant_id, month, policy, calendar)
        written = self._write(tenant_id, month, figures, terms, stored.version if stored else 0)
        return CLOSED if written else None

    @deadline.unit_of_work()
    def _write(
        self, tenant_id: str, month: str, figures: Figures, terms: MonthTerms, before: int
    ) -> bool:
        """Write the next statement in one transaction; the first one includes the alert."""
        now = self._clock.now()
        account = system_key(month) if tenant_id == SYSTEM else tenant_key(tenant_id, month)
        closed = statement(account, before + 1, figures, terms, now)
        body = {"digest": figures.digest, "closed_at": closed["closed_at"]}
        change = DocumentChange(statement_key(tenant_id, month), before + 1, body, closed)
        alerts = () if before else (_announcement(account, closed, now),)
        return self._store.commit(Transaction(document_change=change, alerts=alerts))

    def _figures(self, tenant_id: str, month: str, policy: Policy) -> Figures | None:
        """Return the figures of the accounts once they add up; None if the month has no accounts.

        Batch reads are not a snapshot: while costs still arrive, the accounts are read again.
        """
        for _ in range(_READINGS):
            of_system = tenant_id == SYSTEM
            read = self._system(month) if of_system else self._tenant(tenant_id, month, policy)
            if read is None or read.adds_up:
                return read
        raise UnavailableError(f"the accounts of {month} do not add up at present")

    @deadline.unit_of_work()
    def _tenant(self, tenant_id: str, month: str, policy: Policy) -> Figures | None:
        whole, late = tenant_key(tenant_id, month), late_key(tenant_id, month)
        parts = {
            scope: self._store.listed(listing(tenant_id, scope, month)) for scope in (AGENT, MODEL)
        }
        found = self._store.accounts([whole, late, *parts[AGENT], *parts[MODEL]])
        if not found[whole].seen:
            return None
        named = {by: _named(found, keys) for by, keys in parts.items()}
        lines = [(key.scope_id or None, found[key]) for key in parts[MODEL]]
        merged, spellings = folded(MODEL, lines, policy.matcher.models)
        models = [(name, one.totals) for name, one in merged]
        totals, of_late = found[whole].totals, found[late].totals
        return Figures(totals, of_late, named, {MODEL: models}, spellings)

    def _system(self, month: str) -> Figures | None:
        """Return the system's figures with its tenants', read in parts: there may be thousands."""
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
    def _terms(self, tenant_id: str, month: str, policy: Policy, calendar: Calendar) -> MonthTerms:
        """Return the limits in force at the month's last instant, without later changes."""
        ends_at = calendar.month_end(month)
        last, budgets = ends_at - _INSTANT, list(policy.budgets)
        if tenant_id != SYSTEM:
            since = self._since(SYSTEM, ends_at) if policy.system_version else []
            own = {one.budget_id for one in budgets if one.source == "tenant"}
            theirs = [one for one in since if one["budget_id"] not in own]
            budgets = undone(budgets, theirs, ends_at)
        budgets = undone(budgets, self._since(tenant_id, ends_at), ends_at)
        name = "system-month" if tenant_id == SYSTEM else "tenant-month"
        limit = next(one.at(last, month).limit for one in budgets if one.budget_id == name)
        shown = tuple(in_force(one, calendar, last) for one in budgets)
        grace = GRACE + (LAST if tenant_id == SYSTEM else timedelta())
        return MonthTerms(ends_at, ends_at + grace, limit, shown)

    def _since(self, tenant_id: str, moment: datetime) -> list[Mapping[str, Any]]:
        """Return the changes from that instant on, latest first."""
        found, before = list[Mapping[str, Any]](), None
        while True:
            page = self._histories.of(rules_key(tenant_id), AT_ONCE, before)
            later = [one for one in page.items if parse_instant(one["at"], "at") >= moment]
            found += later
            before = page.resume_before
            if before is None or len(later) < len(page.items):
                return found

    def _policy(self, tenant_id: str) -> Policy:
        self._policies.forget(tenant_id)
        policy = self._policies.for_tenant(tenant_id)
        if policy.damaged:
            raise UnavailableError("the stored rules are damaged")
        return policy


def _named(
    found: Mapping[AccountKey, Account], keys: Iterable[AccountKey]
) -> list[tuple[str | None, Move]]:
    return [(key.scope_id or None, found[key].totals) for key in keys]


def _announcement(account: AccountKey, closed: Mapping[str, Any], now: datetime) -> Alert:
    names = ("number", "limit_usd", "spent_usd", "overrun_usd", "held_usd", "entries", "tokens")
    return Alert(
        tenant_id=account.tenant_id,
        kind=MONTH_CLOSED,
        once=(account.period,),
        at=now,
        scope=account.scope,
        scope_id=account.scope_id,
        period=account.period,
        facts={name: closed[name] for name in names},
    )
