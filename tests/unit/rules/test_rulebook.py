"""Rules: what people decided, how it is kept, and what of it applies to a tenant."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.prices.set_prices import Price
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.rulebook import Rules, policy_of, rules_key
from budget_monitor.domain.rules.suspensions import Suspension

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEFAULTS = default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000))
MORE = (Raise("r1", Decimal(5), "ana", "launch", NOON),)
STILL_MORE = (Raise("r2", Decimal(6), "bo", "launch", NOON),)
DISCOUNT = Price("gpt-x", None, NOON, None, Decimal(10), "ana", "contract", 1)
STOPPED = Suspension("ana", "fraud", NOON)


def budget(budget_id: str, scope: str = "agent", source: str = "tenant", **other: Any) -> Budget:
    return Budget(budget_id, scope, Decimal(3), scope_id="crawler", source=source, **other)


def override(budget_id: str, scope: str, limit: int, source: str, period: str = "month") -> Budget:
    return Budget(budget_id, scope, Decimal(limit), period=period, source=source)


FULL = Rules(
    "acme",
    4,
    {"nightly": budget("nightly")},
    {"execution": MORE},
    Calendar("Asia/Tokyo", ((NOON, "Europe/Berlin"),)),
    "ana@acme.example",
    Rates({"call_usd": Decimal(1)}),
    STOPPED,
    (DISCOUNT,),
    Decimal(2500),
)


def test_budgets_name_whether_the_system_or_a_tenant_set_them() -> None:
    assert Rules("acme").source == "tenant"
    assert Rules("*").source == "system"


def test_a_budget_of_ones_own_replaces_its_id_and_the_raises_of_what_was_inherited() -> None:
    rules = Rules("acme", raises={"execution": MORE, "workflow": STILL_MORE})
    own = budget("execution")
    changed = replace(rules, budgets={"nightly": budget("nightly")}).with_budget(own)
    assert changed.budgets == {"nightly": budget("nightly"), "execution": own}
    assert changed.raises == {"workflow": STILL_MORE}


def test_a_budget_goes_with_its_raises_and_leaves_the_others() -> None:
    rules = Rules("acme", budgets={"a": budget("a"), "b": budget("b")})
    rules = replace(rules, raises={"a": MORE, "b": STILL_MORE}).without("a")
    assert rules.budgets == {"b": budget("b")}
    assert rules.raises == {"b": STILL_MORE}


def test_raises_stand_at_ones_own_budget_and_beside_an_inherited_one() -> None:
    rules = Rules("acme", budgets={"a": budget("a"), "b": budget("b")})
    own = rules.with_raises("a", MORE)
    assert own.budgets == {"a": replace(budget("a"), raises=MORE), "b": budget("b")}
    assert own.raises == {}
    inherited = rules.with_raises("execution", MORE).with_raises("workflow", STILL_MORE)
    assert inherited.raises == {"execution": MORE, "workflow": STILL_MORE}
    assert inherited.budgets == rules.budgets


def test_prices_are_replaced_all_together() -> None:
    assert Rules("acme", 7).with_prices((DISCOUNT,)) == Rules("acme", 7, prices=(DISCOUNT,))


def test_rules_are_kept_as_they_were_decided() -> None:
    assert FULL.dump() == {
        "budgets": {"nightly": budget("nightly").dump()},
        "raises": {"execution": [MORE[0].dump()]},
        "time_zone": "Asia/Tokyo",
        "time_zones": [["2026-11-22T12:00:00Z", "Europe/Berlin"]],
        "owner": "ana@acme.example",
        "fallback_price": Rates({"call_usd": Decimal(1)}).dump(),
        "suspended": {"by": "ana", "reason": "fraud", "at": "2026-11-22T12:00:00Z"},
        "prices": [DISCOUNT.dump()],
        "most_per_entry_usd": "2500",
    }
    assert Rules.load("acme", 4, FULL.dump()) == FULL


def test_rules_with_nothing_in_them_are_kept_too() -> None:
    empty = Rules("*", 1)
    dumped = empty.dump()
    assert (dumped["fallback_price"], dumped["suspended"], dumped["owner"]) == (None, None, None)
    assert Rules.load("*", 1, dumped) == empty


def test_rules_from_before_there_were_prices_have_none() -> None:
    dumped = FULL.dump()
    del dumped["prices"]
    assert Rules.load("acme", 4, dumped) == replace(FULL, prices=())


def test_rules_from_before_there_was_a_ceiling_per_entry_have_none() -> None:
    dumped = FULL.dump()
    del dumped["most_per_entry_usd"]
    assert Rules.load("acme", 4, dumped) == replace(FULL, max_per_entry=None)


def test_the_systems_budgets_are_known_as_the_systems() -> None:
    system = Rules("*", 1, {"nightly": budget("nightly", source="system")})
    assert Rules.load("*", 1, system.dump()) == system


@pytest.mark.parametrize(
    "damage",
    [
        {"time_zone": "Nowhere/Atall"},
        {"time_zones": [["2026-11-22T12:00:00Z", "Nowhere/Atall"]]},
        {"time_zones": [["noon", "Asia/Tokyo"]]},
        {"owner": 7},
        {"budgets": None},
        {"prices": [{}]},
    ],
)
def test_damaged_rules_are_no_rules(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^not rules: "):
        Rules.load("acme", 4, FULL.dump() | damage)


def test_a_damaged_moment_of_a_time_zone_is_blamed_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"[\"']at must be"):
        Rules.load("acme", 4, FULL.dump() | {"time_zones": [["noon", "Asia/Tokyo"]]})


def test_rules_whose_version_is_no_number_are_no_rules() -> None:
    with pytest.raises(ValueError, match=r"TypeError\('not rules'\)"):
        Rules.load("acme", "4", FULL.dump())  # type: ignore[arg-type] # what a damaged row says


def test_without_rules_the_defaults_apply() -> None:
    assert policy_of(DEFAULTS, Rules("*"), Rules("acme")) == DEFAULTS


def test_the_tenant_says_over_the_system_and_the_system_over_the_defaults() -> None:
    system = Rules(
        "*",
        budgets={
            "execution": override("execution", "execution", 1, "system", "run"),
            "workflow": override("workflow", "workflow", 2, "system", "run"),
            "shared": override("shared", "system", 9, "system"),
            "each": override("each", "tenant", 8, "system"),
            "system-month": override("system-month", "system", 7, "system"),
        },
    )
    tenant = Rules(
        "acme",
        budgets={
            "execution": override("execution", "execution", 3, "tenant", "run"),
            "tenant-month": override("tenant-month", "tenant", 4, "tenant"),
            "shared": override("shared", "tenant", 5, "tenant"),
        },
    )
    policy = policy_of(DEFAULTS, system, tenant)
    assert policy.execution == tenant.budgets["execution"]
    assert policy.workflow == system.budgets["workflow"]
    assert policy.tenant_month == tenant.budgets["tenant-month"]
    assert policy.system_month == system.budgets["system-month"]
    assert sorted(policy.custom, key=lambda one: (one.budget_id, one.source)) == [
        system.budgets["each"],
        system.budgets["shared"],
        tenant.budgets["shared"],
    ]


def test_raises_of_the_system_and_of_the_tenant_add_up_on_what_is_inherited() -> None:
    own = replace(override("tenant-month", "tenant", 4, "tenant"), raises=MORE)
    system = Rules("*", raises={"execution": MORE, "system-month": MORE})
    tenant = Rules("acme", budgets={"tenant-month": own}, raises={"execution": STILL_MORE})
    policy = policy_of(DEFAULTS, system, tenant)
    assert policy.execution.raises == (*MORE, *STILL_MORE)
    assert policy.system_month.raises == MORE
    assert policy.tenant_month.raises == MORE
    assert policy.workflow.raises == ()


def test_a_policy_has_the_tenants_settings_and_both_versions_and_prices() -> None:
    dearer = replace(DISCOUNT, discount=Decimal(5))
    policy = policy_of(DEFAULTS, Rules("*", 9, prices=(dearer,)), FULL)
    assert (policy.version, policy.system_version) == (4, 9)
    assert (policy.calendar, policy.owner) == (FULL.calendar, "ana@acme.example")
    assert (policy.fallback, policy.suspended) == (FULL.fallback, STOPPED)
    assert (policy.prices, policy.system_prices) == ((DISCOUNT,), (dearer,))


def test_rules_have_a_document_for_each_owner() -> None:
    assert (rules_key("acme").tenant_id, rules_key("acme").kind) == ("acme", "rules")
    assert rules_key("acme").name == ""
