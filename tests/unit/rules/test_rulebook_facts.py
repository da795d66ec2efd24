"""Rules: the settings that only some tenants have, as kept, and the moments that change a limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.prices.set_prices import Alias
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.grants import Balance, Grant
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.rulebook import Rules, dump_limit, policy_of
from budget_monitor.domain.signers import Owners

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
DEFAULTS = default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000))
ARN = "arn:aws:iam::123456789012:role/owner"
FAST = Alias("Fast", "gpt-x", "openai", "ana", "short", 3)
RULES = Rules(
    "acme",
    3,
    calendar=Calendar("Asia/Tokyo", (), 15, ((NOON, 20),)),
    owner="ana@acme.example",
    owner_principals=(ARN,),
    aliases={"fast": FAST},
    trusts_provider=True,
    authority={"approvers": []},
    erased_at=NOON,
)


def test_settings_of_some_tenants_are_kept_as_they_were_set() -> None:
    dumped = RULES.dump()
    assert dumped["aliases"] == [FAST.dump()]
    assert (dumped["trust"], dumped["authority"]) == ("provider", {"approvers": []})
    assert (dumped["owners"], dumped["owner"]) == ([ARN], "ana@acme.example")
    assert (dumped["month_starts_on"], dumped["erased_at"]) == (15, "2026-11-22T12:00:00Z")
    assert dumped["month_starts"] == [["2026-11-22T12:00:00Z", 20]]
    assert Rules.load("acme", 3, dumped) == RULES
    assert Rules.load("acme", 3, dumped).erased_at == NOON


def test_settings_that_nobody_set_are_not_kept() -> None:
    names = Rules("acme").dump().keys()
    absent = {"aliases", "price_lists", "trust", "authority", "owners", "erased_at"}
    assert not names & (absent | {"month_starts_on", "month_starts"})
    loaded = Rules.load("acme", 1, Rules("acme").dump() | {"trust": "gateway"})
    assert (loaded.trusts_provider, loaded.authority, loaded.erased_at) == (False, None, None)
    assert dump_limit(None) is None
    assert dump_limit(Decimal("2.50")) == "2.5"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"month_starts_on": 0}, "not a day on which months begin"),
        ({"month_starts_on": 29}, "not a day on which months begin"),
        ({"month_starts_on": "15"}, "not a day on which months begin"),
        ({"month_starts_on": True}, "not a day on which months begin"),
        ({"month_starts": [["2026-11-22T12:00:00Z", 29]]}, "not a day on which months begin"),
        ({"month_starts": [["noon", 15]]}, "at must be"),
        ({"owners": ["ana"]}, "not the owners of a tenant"),
        ({"owners": [7]}, "not the owners of a tenant"),
        ({"erased_at": "noon"}, "erased_at must be"),
        ({"most_per_entry_usd": "lots"}, "most_per_entry_usd must be"),
    ],
)
def test_a_damaged_setting_is_named(damage: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=rf"^not rules: \w+\(.{words}"):
        Rules.load("acme", 3, RULES.dump() | damage)


@pytest.mark.parametrize("day", [1, 28])
def test_months_may_begin_on_days_1_to_28(day: int) -> None:
    loaded = Rules.load("acme", 3, RULES.dump() | {"month_starts_on": day})
    assert loaded.calendar.first_day == day


def test_the_owners_are_the_contact_and_the_principals() -> None:
    assert RULES.owners == Owners("ana@acme.example", (ARN,))


def test_ends_of_raises_and_expiries_of_grants_change_limits_by_time_alone() -> None:
    def more(name: str, until: datetime | None) -> tuple[Raise, ...]:
        return (Raise(name, Decimal(1), "ana", "x", NOON, "2026-11", until),)

    grants = (
        Grant("g1", Decimal(1), "ana", "x", NOON, expires_at=NOON + 3 * ONE_DAY),
        Grant("g2", Decimal(1), "ana", "x", NOON),
    )
    own = Budget("own", "tenant", Decimal(1), period="total", balance=Balance(grants))
    rules = Rules(
        "acme",
        budgets={"own": replace(own, raises=more("r1", NOON + ONE_DAY))},
        raises={"execution": more("r2", NOON + 2 * ONE_DAY), "workflow": more("r3", None)},
    )
    assert rules.edges == {
        ("own", NOON + ONE_DAY),
        ("execution", NOON + 2 * ONE_DAY),
        ("own", NOON + 3 * ONE_DAY),
    }
    assert Rules("acme").edges == set()


def test_a_policy_has_owners_aliases_trust_and_the_ceiling_of_the_tenant() -> None:
    slow = replace(FAST, name="Slow")
    system = Rules("*", aliases={"slow": slow, "fast": replace(FAST, model="other")})
    found = policy_of(DEFAULTS, system, replace(RULES, max_per_entry=Decimal(7)))
    assert found.owner_principals == (ARN,)
    assert found.aliases == {"slow": slow, "fast": FAST}
    assert found.trusts_provider
    assert (found.own_max_per_entry, found.max_per_entry) == (Decimal(7), None)
    assert found.price_lists == ()


@pytest.mark.parametrize(
    ("hides", "tenant", "hidden"),
    [(True, "acme", True), (True, "*", False), (False, "acme", False)],
)
def test_the_system_sees_its_own_amounts_and_tenants_where_it_shows_them(
    hides: bool,  # noqa: FBT001 - a column of the table
    tenant: str,
    hidden: bool,  # noqa: FBT001 - the same
) -> None:
    defaults = replace(DEFAULTS, hides_system=hides)
    assert policy_of(defaults, Rules("*"), Rules(tenant)).hides_system is hidden
