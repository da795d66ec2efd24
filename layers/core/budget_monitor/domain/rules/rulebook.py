"""Rules: what people decided for one tenant, or for the system; a policy is made of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.prices import Price, Rates
from budget_monitor.domain.rules.budgets import Budget, Raise
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.suspensions import Suspension

MAX_BUDGETS, MAX_RAISES, MAX_PRICES = 20, 50, 200
"""Custom budgets of a tenant, raises of a budget that are not over, prices of an owner."""
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError)
"""An OSError is what the name of a time zone that is a folder, or too long for one, raises."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that was decided for an owner, a tenant or the system; its version counts changes."""

    owner_id: str
    version: int = 0
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    raises: Mapping[str, tuple[Raise, ...]] = field(default_factory=dict)
    """Raises of budgets that the owner inherits."""
    calendar: Calendar = field(default_factory=Calendar)
    owner: str | None = None
    """Whom to ask about the tenant's money."""
    fallback: Rates | None = None
    """What a call costs where no other price is known."""
    suspension: Suspension | None = None
    prices: tuple[Price, ...] = ()
    most_per_entry: Decimal | None = None
    """The most that one cost or hold may be, in USD; None: that of all tenants."""
    erased_at: datetime | None = None
    """When what names people began to be erased; None: it was not."""

    @property
    def source(self) -> str:
        """How budgets name where they come from."""
        return "system" if self.owner_id == SYSTEM else "tenant"

    @property
    def edges(self) -> set[tuple[str, datetime]]:
        """The moments at which time alone changes a limit, each with its budget's id."""
        raised = {**self.raises, **{name: one.raises for name, one in self.budgets.items()}}
        ends = {(name, one.until) for name, many in raised.items() for one in many if one.until}
        expiries = {
            (name, grant.expires_at)
            for name, one in self.budgets.items()
            for grant in one.balance.grants
            if grant.expires_at
        }
        return ends | expiries

    def with_budget(self, budget: Budget) -> "Rules":
        """The same rules with this budget instead of any of its id, and of its raises."""
        left = {name: one for name, one in self.raises.items() if name != budget.budget_id}
        return replace(self, budgets={**self.budgets, budget.budget_id: budget}, raises=left)

    def without(self, budget_id: str) -> "Rules":
        """The same rules without this budget and its raises."""
        kept = {name: one for name, one in self.budgets.items() if name != budget_id}
        left = {name: one for name, one in self.raises.items() if name != budget_id}
        return replace(self, budgets=kept, raises=left)

    def with_raises(self, budget_id: str, raises: tuple[Raise, ...]) -> "Rules":
        """The same rules with these raises of a budget, its own or inherited."""
        own = self.budgets.get(budget_id)
        if own:
            return replace(self, budgets={**self.budgets, budget_id: replace(own, raises=raises)})
        return replace(self, raises={**self.raises, budget_id: raises})

    def with_prices(self, prices: tuple[Price, ...]) -> "Rules":
        """The same rules with these prices."""
        return replace(self, prices=prices)

    def dump(self) -> dict[str, Any]:
        """The rules as plain JSON."""
        stopped = self.suspension
        return {
            "budgets": {name: one.dump() for name, one in self.budgets.items()},
            "raises": {name: [r.dump() for r in many] for name, many in self.raises.items()},
            "time_zone": self.calendar.zone,
            "time_zones": [[render_instant(at), zone] for at, zone in self.calendar.changes],
            "owner": self.owner,
            "fallback_price": self.fallback.dump() if self.fallback else None,
            "suspended": stopped.dump() if stopped else None,
            **({"erased_at": render_instant(self.erased_at)} if self.erased_at else {}),
            "prices": [one.dump() for one in self.prices],
            "most_per_entry_usd": dump_limit(self.most_per_entry),
        }

    @classmethod
    def load(cls, owner_id: str, version: int, dumped: Mapping[str, Any]) -> "Rules":
        """What `dump` gave. Raises ValueError for anything else, however damaged."""
        try:
            return cls._loaded(owner_id, version, dumped)
        except (*_DAMAGE, ValidationError) as fault:
            raise ValueError(f"not rules: {fault!r}") from fault

    @classmethod
    def _loaded(cls, owner_id: str, version: int, dumped: Mapping[str, Any]) -> "Rules":
        source = "system" if owner_id == SYSTEM else "tenant"
        price, stopped = dumped["fallback_price"], dumped["suspended"]
        changes = tuple((parse_instant(at, "at"), zone) for at, zone in dumped["time_zones"])
        for zone in (dumped["time_zone"], *(zone for _, zone in changes)):
            ZoneInfo(zone)
        if not isinstance(version, int) or not isinstance(dumped["owner"], str | None):
            raise TypeError("not rules")
        return cls(
            owner_id=owner_id,
            version=version,
            budgets={k: Budget.load(k, source, one) for k, one in dumped["budgets"].items()},
            raises={k: tuple(map(Raise.load, many)) for k, many in dumped["raises"].items()},
            calendar=Calendar(dumped["time_zone"], changes),
            owner=dumped["owner"],
            fallback=Rates.load(price) if price else None,
            suspension=Suspension.load(stopped) if stopped else None,
            erased_at=_instant(dumped.get("erased_at")),
            prices=tuple(map(Price.load, dumped.get("prices", ()))),
            most_per_entry=_most(dumped.get("most_per_entry_usd")),
        )


def policy_of(defaults: Policy, system: Rules, tenant: Rules) -> Policy:
    """The policy of a tenant: the defaults, what the system says over them, the tenant over that.

    What the system says of scope `system` counts all tenants together and is nobody else's to
    override; of any other scope it applies to each tenant by itself until the tenant overrides it.
    """
    built_in = {one.budget_id: one for one in defaults.budgets}
    shared = {k: one for k, one in system.budgets.items() if one.scope == SYSTEM_SCOPE}
    each = {k: one for k, one in system.budgets.items() if one.scope != SYSTEM_SCOPE}
    inherited = _raised({**built_in, **each, **shared}, system)
    all_of_system = {k: one for k, one in inherited.items() if one.scope == SYSTEM_SCOPE}
    own = {k: one for k, one in inherited.items() if one.scope != SYSTEM_SCOPE}
    merged = _raised({**own, **tenant.budgets}, tenant)
    every = (*merged.values(), *all_of_system.values())
    return replace(
        defaults,
        execution=merged["execution"],
        workflow=merged["workflow"],
        tenant_month=merged["tenant-month"],
        system_month=all_of_system["system-month"],
        custom=tuple(one for one in every if not one.is_default),
        calendar=tenant.calendar,
        version=tenant.version,
        system_version=system.version,
        suspended=tenant.suspension,
        owner=tenant.owner,
        fallback=tenant.fallback,
        prices=tenant.prices,
        system_prices=system.prices,
        own_most_per_entry=tenant.most_per_entry,
        hides_system=defaults.hides_system and tenant.owner_id != SYSTEM,
    )


def dump_limit(limit: Decimal | None) -> str | None:
    """A limit as plain JSON."""
    return None if limit is None else render(limit)


def _instant(dumped: str | None) -> datetime | None:
    return None if dumped is None else parse_instant(dumped, "erased_at")


def _most(dumped: str | None) -> Decimal | None:
    return None if dumped is None else parse_amount(dumped, "most_per_entry_usd")


def _raised(budgets: Mapping[str, Budget], rules: Rules) -> dict[str, Budget]:
    """The budgets, with the raises that the rules have for those that they inherit."""
    return {
        name: replace(one, raises=(*one.raises, *rules.raises.get(name, ())))
        for name, one in budgets.items()
    }


def rules_key(owner_id: str) -> DocumentKey:
    """The document that keeps the rules of an owner."""
    return DocumentKey(owner_id, "rules")
