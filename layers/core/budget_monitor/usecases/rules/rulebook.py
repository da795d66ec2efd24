"""Change rules: each change is one transaction, and the next request of every caller sees it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    SYSTEM_SCOPE,
    Account,
    AccountKey,
    Move,
    system_key,
    tenant_key,
)
from budget_monitor.domain.accounting.booking import GRACE
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentChange, Reminder
from budget_monitor.domain.errors import ConflictError, UnavailableError
from budget_monitor.domain.periods import MONTH, RUN, render_instant
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules, policy_of, rules_key
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction
from budget_monitor.ports import Clock, Ids, Policies, Store
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.idempotency import keep, known, known_decision
from budget_monitor.usecases.rules.row_size import refuse_unfitting

ALL_AT_ONCE_SECONDS = 1.5
"""How long a change is tried in one transaction with all rows of its striped months.

After that, the rows of striped months are updated one by one."""
_SKEW = timedelta(minutes=10)
"""Maximum difference between the clocks of two functions."""
_VERSION = "made_version"
"""Field that is stored with the request of a change: the version of the rules that it made."""
_FISCAL = timedelta(days=27)
"""Maximum by which a tenant's month begins later than the calendar month of its name."""
_ZONES = timedelta(hours=15)
"""Maximum difference between a tenant's month and the month in UTC."""


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """Command: change the rules of a tenant or of the system."""

    tenant_id: str
    who: Who
    operation: str
    request: Request
    budget_id: str | None = None
    name: str | None = None
    """Id of this change (`raise_id`), if it has one."""
    id_field: str = ""
    """Field in which the caller gives the id."""
    key: IdempotencyKey | None = None
    """Idempotency key of the request."""
    expected_version: int | None = None
    """The change is refused unless the rules have this version; None: any."""


@dataclass(frozen=True, slots=True)
class RulesSnapshot:
    """The rules of a tenant or of the system, the system's rules, and the resulting policy."""

    rules: Rules
    system: Rules
    policy: Policy
    at: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """A change as the history stores it, the version that it made, and the current rules."""

    ruling: RulesSnapshot
    change: Request
    version: int
    replayed: bool = False
    name: str | None = None
    """Id of the change, if it has one."""


Revise = Callable[[RulesSnapshot], Rules]
Show = Callable[[RulesSnapshot], Mapping[str, Any] | None]
Beside = Callable[[RulesSnapshot], Transaction]
"""Further writes of a change's transaction: postings of runs, documents and alerts."""


class Rulebook:
    """Reads and changes rules. Counters never change: a limit is a function of rules and time."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, ids: Ids) -> None:
        self._store, self._policies = store, policies
        self._clock, self._ids = clock, ids

    def ruling(self, tenant_id: str) -> RulesSnapshot:
        """Return the stored rules. Raises UnavailableError if they cannot be read."""
        now, names = self._clock.now(), {rules_key(SYSTEM), rules_key(tenant_id)}
        try:
            found = self._store.documents(names)
            loaded = {
                name: Rules.load(name.tenant_id, one.version, one.body)
                for name, one in found.items()
            }
            system = loaded.get(rules_key(SYSTEM), Rules(SYSTEM))
            own = loaded.get(rules_key(tenant_id), Rules(tenant_id))
            return self.with_policy(own, system, now)
        except ValueError as fault:
            raise UnavailableError(f"the stored rules of {tenant_id} are damaged") from fault

    def with_policy(self, own: Rules, system: Rules, now: datetime) -> RulesSnapshot:
        """Return these rules with their policy."""
        defaults = self._policies.defaults
        if own.tenant_id == SYSTEM:
            return RulesSnapshot(own, own, policy_of(defaults, own, Rules(SYSTEM)), now)
        return RulesSnapshot(own, system, policy_of(defaults, system, own), now)

    def change(
        self, command: ChangeRules, revise: Revise, show: Show, beside: Beside | None = None
    ) -> Applied:
        """Make a change and return it; a replay returns the first answer.

        `decide` returns the new rules or raises. `show` returns what the history stores as
        `before` and `after`. Raises IdempotencyMismatchError for a known id or key with other
        content, and ConflictError if the rules do not have the expected version.
        """
        edit_id = self._ids.new()
        for _ in range(MAX_ROUNDS):
            before = self.ruling(command.tenant_id)
            made = self._known(before, command)
            if made:
                self._announce(before)
                return made
            _refuse_other_version(before.rules, command.expected_version)
            rules = replace(revise(before), version=before.rules.version + 1)
            after = self.with_policy(rules, before.system, before.at)
            change = {
                "edit_id": edit_id,
                "operation": command.operation,
                "budget_id": command.budget_id,
                "at": render_instant(before.at),
                "by": command.who.by,
                "reason": command.who.reason,
                "principal": command.who.principal,
                "before": show(before),
                "after": show(after),
            }
            refuse_unfitting(before.rules, rules, change)
            more = beside(before) if beside else Transaction()
            whole = self._whole(before, after, change, command, more)
            if self._commit(before, after, whole) or self._made_before(after, edit_id):
                self._policies.forget(command.tenant_id)
                return Applied(after, change, rules.version, name=command.name)
        raise too_many_rounds()

    def is_unused(self, ruling: RulesSnapshot) -> bool:
        """True if nothing is held or booked in any month that is open now."""
        return all(one.totals == Move() for one in self._open_months(ruling))

    def open_holds(self, ruling: RulesSnapshot) -> int:
        """Return the number of open reservations in the months that can be booked now."""
        return sum(one.totals.holds for one in self._open_months(ruling))

    def _open_months(self, ruling: RulesSnapshot) -> Collection[Account]:
        return self._store.accounts(self._months(ruling)).values()

    def _whole(
        self,
        before: RulesSnapshot,
        after: RulesSnapshot,
        change: Request,
        command: ChangeRules,
        more: Transaction,
    ) -> Transaction:
        """Return `more` with the new rules, announced on the months in which they hold."""
        rules = after.rules
        announced = Posting.announcing(rules.version)
        months = (*self._months(before), *self._months(after))
        decided = DocumentChange(rules_key(rules.tenant_id), rules.version, rules.dump(), change)
        return replace(
            more,
            postings={**dict.fromkeys(months, announced), **more.postings},
            document_change=decided,
            further_changes=more.document_changes,
            idempotency=_with_version(command.key, rules.version),
            decision_id=_with_version(_decision_id(command), rules.version),
            reminders=(*_reminders(before, after), *_for_tenants(before, after, command)),
        )

    def _commit(self, before: RulesSnapshot, after: RulesSnapshot, whole: Transaction) -> bool:
        postings = whole.postings
        self._store.accounts(postings)  # to know over how many rows each of them is spread
        if all(self._store.max_rows(one) == 1 for one in postings):
            return self._store.commit(whole)
        try:
            with deadline.at_most(ALL_AT_ONCE_SECONDS):
                return self._store.commit(whole)
        except UnavailableError:
            change = whole.document_change
            if change and self._made_before(after, change.change["edit_id"]):
                return True
        single = {one: said for one, said in postings.items() if self._store.max_rows(one) == 1}
        done = self._store.commit(replace(whole, postings=single))
        if done:
            self._announce(before, after)
        return done

    def _announce(self, *rulings: RulesSnapshot) -> None:
        """Store the new policy version on striped months, one row after another.

        The change itself is stored already. If this fails, the caller retries with the same id or
        key; without a retry, the change applies everywhere within 30 s.
        """
        for month in dict.fromkeys(month for one in rulings for month in self._months(one)):
            if self._store.max_rows(month) > 1:
                self._store.announce(month, rulings[-1].rules.version)

    def _made_before(self, after: RulesSnapshot, edit_id: str) -> bool:
        """True if this change made the version, so only its answer was lost."""
        made = self._store.changes(rules_key(after.rules.tenant_id), [after.rules.version])
        return any(change["edit_id"] == edit_id for change in made)

    def _known(self, before: RulesSnapshot, command: ChangeRules) -> Applied | None:
        """Return the change that was made under this key or id, or None.

        A new key for a known id is stored as that change's key.
        """
        stored = known_decision(self._store, command.key)
        if stored is None and command.name is not None:
            stored = known(self._store, _decision_id(command), command.id_field)
            if stored is not None:
                keep(self._store, _with_version(command.key, stored[_VERSION]))
        if stored is None:
            return None
        version: int = stored[_VERSION]
        (change,) = self._store.changes(rules_key(command.tenant_id), [version])
        name = stored.get(command.id_field, command.name)
        return Applied(before, change, version, replayed=True, name=name)

    def _months(self, ruling: RulesSnapshot) -> list[AccountKey]:
        """Return the months in which anything can be booked now, allowing for clock skew."""
        tenant_id, now = ruling.rules.tenant_id, ruling.at
        if tenant_id == SYSTEM:
            past = now - GRACE - _ZONES
            span = (past - _FISCAL, past, now, now + _ZONES)
            names = dict.fromkeys(Calendar().name(MONTH, moment) for moment in span)
            return [system_key(name) for name in names]
        own, name_of = (now - GRACE - _SKEW, now, now + _SKEW), ruling.rules.calendar.name
        names = dict.fromkeys(name_of(MONTH, moment) for moment in own)
        return [tenant_key(tenant_id, name) for name in names]


def _refuse_other_version(rules: Rules, expected: int | None) -> None:
    if expected not in {None, rules.version}:
        raise ConflictError(
            f"expected_version is {expected}, and the rules have version {rules.version}: "
            "someone changed them. Read them again"
        )


def _reminders(before: RulesSnapshot, after: RulesSnapshot) -> tuple[Reminder, ...]:
    """Return one reminder for each new moment at which time alone changes a limit."""
    new = sorted(after.rules.edges - before.rules.edges)
    tenant_id = after.rules.tenant_id
    return tuple(Reminder(tenant_id, name, at) for name, at in new if at > after.at)


def _for_tenants(
    before: RulesSnapshot, after: RulesSnapshot, command: ChangeRules
) -> tuple[Reminder, ...]:
    """Return a reminder for an edit of a system limit that applies to each tenant.

    An edit of limits for single runs, or for each name, is compared with nothing.
    """
    if after.rules.tenant_id != SYSTEM or command.budget_id is None:
        return ()
    budgets = [*after.policy.budgets, *before.policy.budgets]
    found = next((one for one in budgets if one.budget_id == command.budget_id), None)
    of_one_account = found and found.period != RUN and not found.is_each
    if found is None or found.scope == SYSTEM_SCOPE or not of_one_account:
        return ()
    return (Reminder(SYSTEM, found.budget_id, after.at),)


def _decision_id(command: ChangeRules) -> IdempotencyKey | None:
    if command.name is None:
        return None
    request = {"operation": command.operation, **command.request}
    name = f"{command.id_field}#{command.name}"
    return IdempotencyKey(command.tenant_id, name, request, of_people=True)


def _with_version(key: IdempotencyKey | None, version: int) -> IdempotencyKey | None:
    """Return the key with the version of the rules that the change makes."""
    return key and replace(key, made={**key.made, _VERSION: version})
