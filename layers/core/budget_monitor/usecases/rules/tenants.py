"""Settings and suspension of tenants."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.growth import Growth
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.costs.usage import PROVIDER
from budget_monitor.domain.documents import growth_key
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.rules.rulebook import Rules, dump_limit
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.ports import Documents
from budget_monitor.usecases.authority import refuse_owner
from budget_monitor.usecases.rules.rulebook import Applied, ChangeRules, Rulebook, RulesSnapshot


@dataclass(frozen=True, slots=True)
class Settings:
    """New settings of a tenant. None: unchanged."""

    time_zone: str | None = None
    owner: str | None = None
    fallback: Rates | None = None
    owner_principals: tuple[str, ...] | None = None
    """ARNs and subjects of tokens that are the owners; empty: none."""
    no_owner: bool = False
    """Remove the owner."""
    no_fallback: bool = False
    """Remove the fallback price."""
    max_per_entry: Decimal | None = None
    no_max_per_entry: bool = False
    """Remove the tenant's own ceiling per entry."""
    trusts_provider: bool | None = None
    """True: book the cost that a usage object shows, even if a gateway computed it."""
    month_starts_on: int | None = None
    """Day on which months begin from the next month on."""


class Tenants:
    """The use cases of tenants."""

    def __init__(self, rulebook: Rulebook, store: Documents) -> None:
        self._rulebook, self._store = rulebook, store

    def get_tenant(self, tenant_id: str) -> RulesSnapshot:
        """Return the tenant's settings; the defaults for an unknown tenant."""
        return self._rulebook.ruling(tenant_id)

    def stripes(self, tenant_id: str) -> int | None:
        """Return the number of rows that its accounts open with; None: as the settings say."""
        name = growth_key(tenant_id)
        stored = self._store.documents([name]).get(name)
        return (Growth.load(stored.version, stored.body).stripes or None) if stored else None

    def set_tenant(self, command: ChangeRules, settings: Settings) -> Applied:
        """Change the given settings.

        A new time zone or start of months applies from the next month on.

        For a tenant without holds and costs in an open month it applies at once.
        """

        def revise(before: RulesSnapshot) -> Rules:
            rules, zone = before.rules, settings.time_zone
            owner = None if settings.no_owner else settings.owner or rules.owner
            principals = settings.owner_principals
            principals = rules.owner_principals if principals is None else principals
            fallback = None if settings.no_fallback else settings.fallback or rules.fallback
            unchanged = (rules.owner, rules.owner_principals, rules.fallback)
            if (owner, principals, fallback) != unchanged:
                refuse_owner(command.who, rules.owners, rules.tenant_id)
            most, trusts = _ceiling(settings, before), settings.trusts_provider
            trusts = rules.trusts_provider if trusts is None else trusts
            if trusts and not rules.trusts_provider:
                refuse_owner(command.who, rules.owners, rules.tenant_id)
            if _above(rules.max_per_entry, most):
                refuse_owner(command.who, rules.owners, rules.tenant_id)
            calendar = self._calendar(before, zone) if zone else rules.calendar
            if settings.month_starts_on is not None:
                calendar = self._starting(before, calendar, settings.month_starts_on)
            return replace(
                rules,
                calendar=calendar,
                owner=owner,
                owner_principals=principals,
                fallback=fallback,
                max_per_entry=most,
                trusts_provider=trusts,
            )

        return self._rulebook.change(command, revise, public_settings)

    def _calendar(self, before: RulesSnapshot, zone: str) -> Calendar:
        calendar = before.rules.calendar
        if zone != calendar.zone_at(before.at) and self._rulebook.is_unused(before):
            return replace(calendar, zone=zone, changes=())
        return calendar.moved(zone, before.at)

    def _starting(self, before: RulesSnapshot, calendar: Calendar, day: int) -> Calendar:
        if day != calendar.first_day_at(before.at) and self._rulebook.is_unused(before):
            return replace(calendar, first_day=day, day_changes=())
        return calendar.starting(day, before.at)

    def suspend(self, command: ChangeRules) -> Applied:
        """Refuse all holds of the tenant; costs are still recorded. A repeat changes nothing."""

        def revise(before: RulesSnapshot) -> Rules:
            who = command.who
            stop = Suspension(who.by, who.reason, before.at, who.principal)
            return replace(before.rules, suspension=before.rules.suspension or stop)

        return self._rulebook.change(command, revise, public_settings)

    def reinstate(self, command: ChangeRules) -> Applied:
        """End the suspension. A repeat changes nothing. The tenant's owner may not do it."""

        def revise(before: RulesSnapshot) -> Rules:
            if before.rules.suspension:
                refuse_owner(command.who, before.rules.owners, command.tenant_id)
            return replace(before.rules, suspension=None)

        return self._rulebook.change(command, revise, public_settings)


def _ceiling(settings: Settings, before: RulesSnapshot) -> Decimal | None:
    """Return the tenant's own ceiling per entry, in USD.

    Raises ValidationError if it is above the ceiling of all tenants.
    """
    if settings.no_max_per_entry:
        return None
    asked, of_all = settings.max_per_entry, before.policy.max_per_entry
    if asked is not None and of_all is not None and asked > of_all:
        raise ValidationError(
            f"most_per_entry_usd can only lower the ceiling of all tenants, {render(of_all)} USD",
            "most_per_entry_usd",
        )
    return before.rules.max_per_entry if asked is None else asked


def _above(before: Decimal | None, after: Decimal | None) -> bool:
    """True if the tenant's own ceiling is raised or removed."""
    return before is not None and (after is None or after > before)


def public_settings(ruling: RulesSnapshot) -> Mapping[str, Any]:
    """Return a tenant's settings and state, as in answers and in the history."""
    rules, stopped = ruling.rules, ruling.rules.suspension
    calendar = rules.calendar
    later = calendar.changes[-1][1] if calendar.changes else calendar.zone
    usual = "suspended" if stopped else "active"
    present = calendar.zone_at(ruling.at)
    return {
        "state": "erased" if rules.erased_at else usual,
        "time_zone": present,
        "next_time_zone": later if later != present else None,
        **_first_days(calendar, ruling.at),
        "owner": rules.owner,
        "owners": list(rules.owner_principals),
        "fallback_price": rules.fallback.dump() if rules.fallback else None,
        "most_per_entry_usd": dump_limit(rules.max_per_entry),
        **({"trust": PROVIDER} if rules.trusts_provider else {}),
        "suspended": stopped.dump() if stopped else None,
    }


def _first_days(calendar: Calendar, now: datetime) -> dict[str, int | None]:
    """Return the day on which the tenant's months begin, now and from the next month on."""
    changes, present = calendar.day_changes, calendar.first_day_at(now)
    later = changes[-1][1] if changes else calendar.first_day
    return {
        "month_starts_on": present,
        "next_month_starts_on": later if later != present else None,
    }
