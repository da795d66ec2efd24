"""Deciding by rules: each decision is one transaction that everybody's next request notices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import (
    SYSTEM,
    AccountKey,
    Move,
    system_key,
    tenant_key,
)
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentChange, Reminder
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.periods import GRACE, MONTH, render_instant
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules, policy_of, rules_key
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction
from budget_monitor.ports import Clock, Ids, Policies, Store
from budget_monitor.usecases.attempts import ROUNDS, too_many_rounds
from budget_monitor.usecases.idempotency import keep, known, known_decision
from budget_monitor.usecases.rules.authority import Who
from budget_monitor.usecases.rules.row_size import refuse_unfitting

ALL_AT_ONCE_SECONDS = 1.5
"""How long a decision is tried with all rows of its months; then they are told one by one."""
_SKEW = timedelta(minutes=10)
"""How far the clocks of two functions may be apart."""
_VERSION = "made_version"
"""Beside the request of a named decision: which version of the rules it made."""
_ZONES = timedelta(hours=15)
"""How far a tenant's month may be from one in UTC."""


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """A decision about a tenant's rules, or the system's: by whom, why, and under which name."""

    owner_id: str
    who: Who
    operation: str
    request: Request
    budget_id: str | None = None
    name: str | None = None
    """The id of this decision, where it has one."""
    id_field: str = ""
    """The field in which the caller gives it."""
    key: IdempotencyKey | None = None
    """The key that names the whole request."""


@dataclass(frozen=True, slots=True)
class RulesSnapshot:
    """The rules of an owner with those of the system, and the policy that they make."""

    rules: Rules
    system: Rules
    policy: Policy
    at: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """A decision as the history keeps it, the version that it made, and the rules as of now."""

    ruling: RulesSnapshot
    change: Request
    version: int
    replayed: bool = False
    name: str | None = None
    """The id of the decision, where it has one."""


Decide = Callable[[RulesSnapshot], Rules]
Show = Callable[[RulesSnapshot], Mapping[str, Any] | None]


class Rulebook:
    """Changes rules. Money is never touched: limits are a function of rules and time."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._ids = ids

    def ruling(self, owner_id: str) -> RulesSnapshot:
        """The rules as they are stored. Raises UnavailableError where they cannot be read."""
        now, names = self._clock.now(), {rules_key(SYSTEM), rules_key(owner_id)}
        try:
            found = self._store.documents(names)
            loaded = {
                name: Rules.load(name.tenant_id, one.version, one.body)
                for name, one in found.items()
            }
            system = loaded.get(rules_key(SYSTEM), Rules(SYSTEM))
            own = loaded.get(rules_key(owner_id), Rules(owner_id))
            return self.made(own, system, now)
        except ValueError as fault:
            raise UnavailableError(f"the stored rules of {owner_id} are damaged") from fault

    def made(self, own: Rules, system: Rules, now: datetime) -> RulesSnapshot:
        """These rules with the policy that they make."""
        if own.owner_id == SYSTEM:
            return RulesSnapshot(
                own, own, policy_of(self._policies.defaults, own, Rules(SYSTEM)), now
            )
        return RulesSnapshot(own, system, policy_of(self._policies.defaults, system, own), now)

    def change(self, order: ChangeRules, decide: Decide, show: Show) -> Applied:
        """The decision once it is made; the first answer again for a name that was used before.

        `decide` answers the new rules or raises; `show` answers what the history keeps of before
        and after. Raises IdempotencyMismatchError for a known name with other content.
        """
        edit_id = self._ids.new()
        for _ in range(ROUNDS):
            before = self.ruling(order.owner_id)
            made = self._known(before, order)
            if made:
                self._announce(before)
                return made
            rules = replace(decide(before), version=before.rules.version + 1)
            after = self.made(rules, before.system, before.at)
            change = {
                "edit_id": edit_id,
                "operation": order.operation,
                "budget_id": order.budget_id,
                "at": render_instant(before.at),
                "by": order.who.by,
                "reason": order.who.reason,
                "principal": order.who.principal,
                "before": show(before),
                "after": show(after),
            }
            refuse_unfitting(before.rules, rules, change)
            if self._commit(before, after, change, order) or self._made_before(after, edit_id):
                self._policies.forget(order.owner_id)
                return Applied(after, change, rules.version, name=order.name)
        raise too_many_rounds()

    def is_unused(self, ruling: RulesSnapshot) -> bool:
        """Whether nothing is held or booked in any month in which anything can be booked now."""
        months = self._store.accounts(self._months(ruling))
        return all(month.totals == Move() for month in months.values())

    def open_holds(self, ruling: RulesSnapshot) -> int:
        """How many reservations are open in the months in which anything can be booked now."""
        months = self._store.accounts(self._months(ruling))
        return sum(month.totals.holds for month in months.values())

    def _commit(
        self, before: RulesSnapshot, after: RulesSnapshot, change: Request, order: ChangeRules
    ) -> bool:
        rules = after.rules
        months = dict.fromkeys((*self._months(before), *self._months(after)))
        self._store.accounts(months)  # to know over how many rows each of them is spread
        announced = Posting.announcing(rules.version)
        decided = DocumentChange(rules_key(rules.owner_id), rules.version, rules.dump(), change)
        names, names_id = (_making(one, rules.version) for one in (order.key, _named(order)))
        whole = Transaction(dict.fromkeys(months, announced), decided=decided, names=names)
        whole = replace(whole, names_id=names_id, reminders=_reminders(before, after))
        if all(self._store.most_rows(one) == 1 for one in months):
            return self._store.commit(whole)
        try:
            with deadline.at_most(ALL_AT_ONCE_SECONDS):
                return self._store.commit(whole)
        except UnavailableError:
            if self._made_before(after, change["edit_id"]):
                return True
        single = {one: announced for one in months if self._store.most_rows(one) == 1}
        done = self._store.commit(replace(whole, postings=single))
        if done:
            self._announce(before, after)
        return done

    def _announce(self, *rulings: RulesSnapshot) -> None:
        """Say on the months that are many rows that the rules changed, one row after another.

        The decision is stored already: whoever was not answered makes it again under the same
        name, or waits 30 s.
        """
        version = rulings[-1].rules.version
        for month in dict.fromkeys(month for one in rulings for month in self._months(one)):
            if self._store.most_rows(month) > 1:
                self._store.announce(month, version)

    def _made_before(self, after: RulesSnapshot, edit_id: str) -> bool:
        """Whether this very change is the one that made the version: its answer was lost."""
        name = rules_key(after.rules.owner_id)
        made = self._store.changes(name, [after.rules.version])
        return any(change["edit_id"] == edit_id for change in made)

    def _known(self, before: RulesSnapshot, order: ChangeRules) -> Applied | None:
        """The decision that was made under this key or id, which is the key's from then on."""
        stored = known_decision(self._store, order.key)
        if stored is None and order.name is not None:
            stored = known(self._store, _named(order), order.id_field)
            if stored is not None:
                keep(self._store, _making(order.key, stored[_VERSION]))
        if stored is None:
            return None
        version: int = stored[_VERSION]
        (change,) = self._store.changes(rules_key(order.owner_id), [version])
        name = stored.get(order.id_field, order.name)
        return Applied(before, change, version, replayed=True, name=name)

    def _months(self, ruling: RulesSnapshot) -> list[AccountKey]:
        """The months in which anything can be booked now, by the clock of any function."""
        owner_id, now = ruling.rules.owner_id, ruling.at
        if owner_id == SYSTEM:
            span = (now - GRACE - _ZONES, now, now + _ZONES)
            names = dict.fromkeys(Calendar().name(MONTH, moment) for moment in span)
            return [system_key(name) for name in names]
        calendar = ruling.rules.calendar
        span = (now - GRACE - _SKEW, now, now + _SKEW)
        names = dict.fromkeys(calendar.name(MONTH, moment) for moment in span)
        return [tenant_key(owner_id, name) for name in names]


def _reminders(before: RulesSnapshot, after: RulesSnapshot) -> tuple[Reminder, ...]:
    """One for each new moment at which time alone changes a limit."""
    new = sorted(after.rules.edges - before.rules.edges)
    owner_id = after.rules.owner_id
    return tuple(Reminder(owner_id, name, at) for name, at in new if at > after.at)


def _named(order: ChangeRules) -> IdempotencyKey | None:
    if order.name is None:
        return None
    request = {"operation": order.operation, **order.request}
    name = f"{order.id_field}#{order.name}"
    return IdempotencyKey(order.owner_id, name, request, of_people=True)


def _making(names: IdempotencyKey | None, version: int) -> IdempotencyKey | None:
    """The name with the version of the rules that its decision makes."""
    return names and replace(names, made={**names.made, _VERSION: version})
