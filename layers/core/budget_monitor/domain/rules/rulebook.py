"""Rules: budgets and settings of one tenant, or of the system. Both make up a policy."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE
from budget_monitor.domain.calendars import MAX_FIRST_DAY, Calendar
from budget_monitor.domain.costs.usage import PROVIDER
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant, zone_of
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.prices.set_prices import Alias, Price, PriceListEdition
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.signers import Owners, is_principal
from budget_monitor.domain.values import dataclass

MAX_BUDGETS, MAX_RAISES, MAX_PRICES = 20, 50, 200
"""Custom budgets of a tenant, raises of a budget that are not over, prices of an owner."""
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError)
"""Errors of damaged input. A zone name that is a folder or too long raises OSError."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All budgets and settings of a tenant or of the system. `version` counts the changes."""

    tenant_id: str
    version: int = 0
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    raises: Mapping[str, tuple[Raise, ...]] = field(default_factory=dict)
    """Raises of inherited budgets, by budget id."""
    calendar: Calendar = field(default_factory=Calendar)
    owner: str | None = None
    """Contact of the person who owns the tenant."""
    fallback: Rates | None = None
    """Prices of models that have no other price."""
    suspension: Suspension | None = None
    prices: tuple[Price, ...] = ()
    max_per_entry: Decimal | None = None
    """The most that one cost or hold may be, in USD; None: that of all tenants."""
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    """By their names in lower case."""
    trusts_provider: bool = False
    """True if a cost in a usage object is booked, even if a gateway computed it."""
    price_lists: tuple[PriceListEdition, ...] = ()
    """Editions of the published list that were put in place; the system's alone."""
    authority: Mapping[str, Any] | None = None
    """Who may approve requests for more limit, as plain JSON; None: no rules of its own."""
    erased_at: datetime | None = None
    """When what names people began to be erased; None: it was not."""
    owner_principals: tuple[str, ...] = ()
    """ARNs and subjects of tokens that are the tenant's owners."""

    @property
    def source(self) -> str:
        """Value of `source` in the budgets of these rules."""
        return "system" if self.tenant_id == SYSTEM else "tenant"

    @property
    def owners(self) -> Owners:
        """Who is judged as an owner of the tenant."""
        return Owners(self.owner, self.owner_principals)

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
        """Return the rules with this budget in place of the one of its id and its raises."""
        left = {name: one for name, one in self.raises.items() if name != budget.budget_id}
        return replace(self, budgets={**self.budgets, budget.budget_id: budget}, raises=left)

    def without(self, budget_id: str) -> "Rules":
        """Return the rules without this budget and its raises."""
        kept = {name: one for name, one in self.budgets.items() if name != budget_id}
        left = {name: one for name, one in self.raises.items() if name != budget_id}
        return replace(self, budgets=kept, raises=left)

    def with_raises(self, budget_id: str, raises: tuple[Raise, ...]) -> "Rules":
        """Return the rules with these raises of an own or inherited budget."""
        own = self.budgets.get(budget_id)
        if own:
            return replace(self, budgets={**self.budgets, budget_id: replace(own, raises=raises)})
        return replace(self, raises={**self.raises, budget_id: raises})

    def with_prices(self, prices: tuple[Price, ...]) -> "Rules":
        """Return the rules with these prices."""
        return replace(self, prices=prices)

    def dump(self) -> dict[str, Any]:
        """Return the rules as plain JSON."""
        stopped = self.suspension
        more = {
            "aliases": [one.dump() for one in self.aliases.values()],
            "price_lists": [one.dump() for one in self.price_lists],
            "trust": PROVIDER if self.trusts_provider else None,
            "authority": self.authority,
            "owners": list(self.owner_principals),
        }
        return {name: one for name, one in more.items() if one} | {
            "budgets": {name: one.dump() for name, one in self.budgets.items()},
            "raises": {name: [r.dump() for r in many] for name, many in self.raises.items()},
            "time_zone": self.calendar.zone,
            "time_zones": [[render_instant(at), zone] for at, zone in self.calendar.changes],
            **_dump_first_days(self.calendar),
            "owner": self.owner,
            "fallback_price": self.fallback.dump() if self.fallback else None,
            "suspended": stopped.dump() if stopped else None,
            **({"erased_at": render_instant(self.erased_at)} if self.erased_at else {}),
            "prices": [one.dump() for one in self.prices],
            "most_per_entry_usd": dump_limit(self.max_per_entry),
        }

    @classmethod
    def load(cls, tenant_id: str, version: int, dumped: Mapping[str, Any]) -> "Rules":
        """Return the rules that `dump` wrote. Raises ValueError for any damaged input."""
        try:
            return cls._loaded(tenant_id, version, dumped)
        except (*_DAMAGE, ValidationError) as fault:
            raise ValueError(f"not rules: {fault!r}") from fault

    @classmethod
    def _loaded(cls, tenant_id: str, version: int, dumped: Mapping[str, Any]) -> "Rules":
        source = "system" if tenant_id == SYSTEM else "tenant"
        price, stopped = dumped["fallback_price"], dumped["suspended"]
        changes = tuple((parse_instant(at, "at"), zone) for at, zone in dumped["time_zones"])
        for zone in (dumped["time_zone"], *(zone for _, zone in changes)):
            zone_of(zone)
        if not isinstance(version, int) or not isinstance(dumped["owner"], str | None):
            raise TypeError("not rules")
        return cls(
            tenant_id=tenant_id,
            version=version,
            budgets={k: Budget.load(k, source, one) for k, one in dumped["budgets"].items()},
            raises={k: tuple(map(Raise.load, many)) for k, many in dumped["raises"].items()},
            calendar=Calendar(dumped["time_zone"], changes, *_load_first_days(dumped)),
            owner=dumped["owner"],
            owner_principals=_principals(dumped),
            fallback=Rates.load(price) if price else None,
            suspension=Suspension.load(stopped) if stopped else None,
            erased_at=_instant(dumped.get("erased_at")),
            prices=tuple(map(Price.load, dumped.get("prices", ()))),
            max_per_entry=_most(dumped.get("most_per_entry_usd")),
            aliases={
                one.name.casefold(): one for one in map(Alias.load, dumped.get("aliases", ()))
            },
            trusts_provider=dumped.get("trust") == PROVIDER,
            price_lists=tuple(map(PriceListEdition.load, dumped.get("price_lists", ()))),
            authority=dumped.get("authority"),
        )


def policy_of(defaults: Policy, system: Rules, tenant: Rules) -> Policy:
    """Return a tenant's policy: built-in budgets, overridden by the system, then by the tenant.

    - A system budget of scope `system` counts all tenants together. Tenants cannot override it.
    - A system budget of any other scope applies to each tenant separately, unless overridden.
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
        owner_principals=tenant.owner_principals,
        fallback=tenant.fallback,
        prices=tenant.prices,
        system_prices=system.prices,
        own_max_per_entry=tenant.max_per_entry,
        aliases={**system.aliases, **tenant.aliases},
        trusts_provider=tenant.trusts_provider,
        price_lists=system.price_lists,
        hides_system=defaults.hides_system and tenant.tenant_id != SYSTEM,
    )


def dump_limit(limit: Decimal | None) -> str | None:
    """Return a limit as plain JSON."""
    return None if limit is None else render(limit)


def _dump_first_days(calendar: Calendar) -> dict[str, Any]:
    """When its months begin, where that is or was not always the first."""
    if not calendar.is_fiscal:
        return {}
    changes = [[render_instant(at), day] for at, day in calendar.day_changes]
    return {"month_starts_on": calendar.first_day, "month_starts": changes}


def _load_first_days(dumped: Mapping[str, Any]) -> tuple[int, tuple[tuple[datetime, int], ...]]:
    first = dumped.get("month_starts_on", 1)
    changes = tuple((parse_instant(at, "at"), day) for at, day in dumped.get("month_starts", ()))
    days = (first, *(day for _, day in changes))
    if any(type(day) is not int or not 1 <= day <= MAX_FIRST_DAY for day in days):
        raise ValueError("not a day on which months begin")
    return first, changes


def _principals(dumped: Mapping[str, Any]) -> tuple[str, ...]:
    found = tuple(dumped.get("owners", ()))
    if not all(isinstance(one, str) and is_principal(one) for one in found):
        raise TypeError("not the owners of a tenant")
    return found


def _instant(dumped: str | None) -> datetime | None:
    return None if dumped is None else parse_instant(dumped, "erased_at")


def _most(dumped: str | None) -> Decimal | None:
    return None if dumped is None else parse_amount(dumped, "most_per_entry_usd")


def _raised(budgets: Mapping[str, Budget], rules: Rules) -> dict[str, Budget]:
    """Return the budgets with the rules' raises of inherited budgets added."""
    return {
        name: replace(one, raises=(*one.raises, *rules.raises.get(name, ())))
        for name, one in budgets.items()
    }


def rules_key(tenant_id: str) -> DocumentKey:
    """Key of the document that stores the rules of a tenant or of the system."""
    return DocumentKey(tenant_id, "rules")
