"""Tenants as people govern them: settings, suspension."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.domain.prices import Rates
from budget_monitor.domain.rules.rulebook import Rules, dump_limit
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.usecases.rules.authority import refuse_owner
from budget_monitor.usecases.rules.rulebook import Applied, ChangeRules, Rulebook, RulesSnapshot


@dataclass(frozen=True, slots=True)
class Settings:
    """New settings of a tenant; None: as it is."""

    time_zone: str | None = None
    owner: str | None = None
    fallback: Rates | None = None
    no_owner: bool = False
    """Take the owner back."""
    no_fallback: bool = False
    """Take the fallback price back."""
    most_per_entry: Decimal | None = None
    no_most_per_entry: bool = False
    """Take the tenant's own ceiling per entry back."""


class Tenants:
    """The use cases of tenants."""

    def __init__(self, governing: Rulebook) -> None:
        self._governing = governing

    def get_tenant(self, tenant_id: str) -> RulesSnapshot:
        """What was decided for the tenant; the defaults for one never seen."""
        return self._governing.ruling(tenant_id)

    def set_tenant(self, order: ChangeRules, settings: Settings) -> Applied:
        """Change what is given. Another time zone starts with the next month.

        At once for a tenant that holds and has booked nothing yet: it has no month to go on with.
        """

        def decide(before: RulesSnapshot) -> Rules:
            rules, zone = before.rules, settings.time_zone
            owner = None if settings.no_owner else settings.owner or rules.owner
            fallback = None if settings.no_fallback else settings.fallback or rules.fallback
            if (owner, fallback) != (rules.owner, rules.fallback):
                refuse_owner(order.who, rules.owner, rules.owner_id)
            most = _ceiling(settings, before)
            if _above(rules.most_per_entry, most):
                refuse_owner(order.who, rules.owner, rules.owner_id)
            calendar = self._calendar(before, zone) if zone else rules.calendar
            return replace(
                rules, calendar=calendar, owner=owner, fallback=fallback, most_per_entry=most
            )

        return self._governing.change(order, decide, shown)

    def _calendar(self, before: RulesSnapshot, zone: str) -> Calendar:
        calendar = before.rules.calendar
        if zone != calendar.zone_at(before.at) and self._governing.is_unused(before):
            return Calendar(zone)
        return calendar.moved(zone, before.at)

    def suspend(self, order: ChangeRules) -> Applied:
        """Refuse all that asks; costs are still recorded. Twice is once."""

        def decide(before: RulesSnapshot) -> Rules:
            stop = Suspension(order.who.by, order.who.reason, before.at)
            return replace(before.rules, suspension=before.rules.suspension or stop)

        return self._governing.change(order, decide, shown)

    def reinstate(self, order: ChangeRules) -> Applied:
        """Let the tenant spend again. Twice is once. Its owner cannot."""

        def decide(before: RulesSnapshot) -> Rules:
            if before.rules.suspension:
                refuse_owner(order.who, before.rules.owner, order.owner_id)
            return replace(before.rules, suspension=None)

        return self._governing.change(order, decide, shown)


def _ceiling(settings: Settings, before: RulesSnapshot) -> Decimal | None:
    """The tenant's own ceiling per entry. Raises ValidationError for more than all tenants'."""
    if settings.no_most_per_entry:
        return None
    asked, of_all = settings.most_per_entry, before.policy.most_per_entry
    if asked is not None and of_all is not None and asked > of_all:
        raise ValidationError(
            f"most_per_entry_usd can only lower the ceiling of all tenants, {render(of_all)} USD",
            "most_per_entry_usd",
        )
    return before.rules.most_per_entry if asked is None else asked


def _above(before: Decimal | None, after: Decimal | None) -> bool:
    """Whether the tenant's own ceiling is raised or taken back."""
    return before is not None and (after is None or after > before)


def shown(ruling: RulesSnapshot) -> Mapping[str, Any]:
    """A tenant's settings and state, as answers and the history have them."""
    rules, stopped = ruling.rules, ruling.rules.suspension
    calendar = rules.calendar
    later = calendar.changes[-1][1] if calendar.changes else calendar.zone
    usual = "suspended" if stopped else "active"
    present = calendar.zone_at(ruling.at)
    return {
        "state": "erased" if rules.erased_at else usual,
        "time_zone": present,
        "next_time_zone": later if later != present else None,
        "owner": rules.owner,
        "fallback_price": rules.fallback.dump() if rules.fallback else None,
        "most_per_entry_usd": dump_limit(rules.most_per_entry),
        "suspended": stopped.dump() if stopped else None,
    }
