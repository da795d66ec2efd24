"""Budgets and their raises: what they are for, how much they allow when, and how they are kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.matching import Matcher
from budget_monitor.domain.rules.raises import Raise

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON, LATER = NOON - timedelta(microseconds=1), NOON + timedelta(hours=1)
IN_NOVEMBER = Raise("r1", Decimal(5), "ana", "launch", NOON, period="2026-11")
UNTIL_NOON = Raise("r2", Decimal(7), "bo", "burst", NOON - timedelta(days=1), until=NOON)
BUDGET = Budget(
    "nightly",
    "agent",
    Decimal("12.50"),
    "block_new",
    "shadow",
    "day",
    "crawler",
    thresholds=(40, 90),
    created_at=NOON,
    raises=(IN_NOVEMBER, UNTIL_NOON),
    source="tenant",
    life="t7",
)
AS_JSON: dict[str, Any] = {
    "scope": "agent",
    "scope_id": "crawler",
    "period": "day",
    "limit_usd": "12.5",
    "action": "block_new",
    "enforcement": "shadow",
    "thresholds": [40, 90],
    "created_at": "2026-11-22T12:00:00Z",
    "raises": [
        {
            "raise_id": "r1",
            "amount_usd": "5",
            "by": "ana",
            "reason": "launch",
            "at": "2026-11-22T12:00:00Z",
            "period": "2026-11",
            "until": None,
        },
        {
            "raise_id": "r2",
            "amount_usd": "7",
            "by": "bo",
            "reason": "burst",
            "at": "2026-11-21T12:00:00Z",
            "period": None,
            "until": "2026-11-22T12:00:00Z",
        },
    ],
    "life": "t7",
}
BARE = {**AS_JSON, "limit_usd": None, "scope_id": None, "created_at": None, "raises": []}


def test_a_raise_of_a_period_counts_in_it_and_is_over_once_a_later_one_is_present() -> None:
    assert IN_NOVEMBER.applies(NOON, "2026-11")
    assert not IN_NOVEMBER.applies(NOON, "2026-12")
    assert not IN_NOVEMBER.is_over(NOON, "2026-10")
    assert not IN_NOVEMBER.is_over(NOON, "2026-11")
    assert IN_NOVEMBER.is_over(NOON, "2026-12")


def test_a_raise_until_a_moment_counts_before_it_whatever_the_period() -> None:
    assert UNTIL_NOON.applies(SOON, "2026-11")
    assert not UNTIL_NOON.applies(NOON, "2026-11")
    assert not UNTIL_NOON.is_over(SOON, "2026-11")
    assert UNTIL_NOON.is_over(NOON, "2026-11")


def test_a_raise_for_good_is_never_over() -> None:
    assert not Raise("r3", Decimal(1), "ana", "grown", NOON).is_over(LATER, "2027-01")


def test_raises_that_count_now_are_added_to_the_limit() -> None:
    assert BUDGET.at(SOON, "2026-11").limit == Decimal("24.5")
    assert BUDGET.at(SOON, "2026-11").raised == Decimal(12)
    assert BUDGET.at(NOON, "2026-11").limit == Decimal("17.5")
    assert BUDGET.at(NOON, "2026-12").limit == Decimal("12.5")
    assert BUDGET.at(NOON, "2026-11").base_limit == Decimal("12.5")
    assert BUDGET.at(None, "2026-11") is BUDGET


def test_no_limit_stays_none_whatever_is_raised() -> None:
    without = replace(BUDGET, limit=None)
    assert without.at(SOON, "2026-11") is without
    assert without.base_limit is None


def test_only_what_is_enforced_and_more_than_an_alert_is_meant_in_earnest() -> None:
    earnest = replace(BUDGET, enforcement="enforce")
    assert earnest.enforces
    assert not BUDGET.enforces
    assert not replace(earnest, action="alert").enforces
    assert BUDGET.judges
    assert not replace(BUDGET, action="alert").judges
    assert not replace(BUDGET, limit=None).judges


def test_a_budget_with_a_limit_and_a_threshold_warns() -> None:
    assert BUDGET.warns
    assert not replace(BUDGET, limit=None).warns
    assert not replace(BUDGET, thresholds=()).warns


def test_the_four_defaults_are_recognised_by_their_ids() -> None:
    assert Budget("tenant-month", "tenant", None).is_default
    assert not BUDGET.is_default


def test_only_an_enforced_budget_for_runs_of_a_name_takes_the_defaults_place() -> None:
    named = replace(BUDGET, enforcement="enforce", period="run")
    assert named.takes_the_defaults_place
    assert not replace(named, scope_id=None).takes_the_defaults_place
    assert not replace(named, enforcement="shadow").takes_the_defaults_place
    assert not replace(named, period="day").takes_the_defaults_place


@pytest.mark.parametrize(
    ("scope", "scope_id", "labels", "named"),
    [
        ("tenant", None, Labels(), True),
        ("system", None, Labels(), True),
        ("tag", "team=a", Labels(tags=("team=a",)), True),
        ("tag", "team=b", Labels(tags=("team=a",)), False),
        ("workflow", "etl", Labels(workflow="etl"), True),
        ("agent", "crawler", Labels(agent="crawler"), True),
        ("model", "gpt-x", Labels(model="gpt-x"), True),
        ("user", "ana", Labels(user="ana"), True),
        ("user", "ana", Labels(agent="ana"), False),
        ("agent", None, Labels(), False),
        ("execution", None, Labels(), False),
    ],
)
def test_whose_spending_a_budget_counts(
    scope: str,
    scope_id: str | None,
    labels: Labels,
    named: bool,  # noqa: FBT001 - a column of the table
) -> None:
    budget = Budget("b", scope, None, scope_id=scope_id)
    assert [*Matcher([budget]).meets(labels)] == ([(budget, None)] if named else [])


def test_a_budget_is_kept_as_it_was_set() -> None:
    assert BUDGET.dump() == AS_JSON
    assert Budget.load("nightly", "tenant", AS_JSON) == BUDGET
    default = replace(BUDGET, budget_id="tenant-month", scope="tenant", period="month")
    assert Budget.load("tenant-month", "tenant", default.dump()) == default
    bare = replace(BUDGET, limit=None, scope_id=None, created_at=None, raises=())
    assert bare.dump() == BARE
    assert Budget.load("nightly", "tenant", BARE) == bare


@pytest.mark.parametrize(
    ("budget_id", "damage", "words"),
    [
        ("a/b", {}, "^not a budget$"),
        ("execution", {}, "^not a budget$"),
        ("execution", {"scope": "execution"}, "^not a budget$"),
        ("nightly", {"scope_id": 7}, "^not a budget$"),
        ("nightly", {"scope": "galaxy"}, "not one of .*'agent'"),
        ("nightly", {"period": "decade"}, "not one of .*'week'"),
        ("nightly", {"action": "explode"}, "not one of .*'block_new'"),
        ("nightly", {"enforcement": "maybe"}, "not one of .*'shadow'"),
        ("nightly", {"raises": [AS_JSON["raises"][0] | {"period": 11}]}, "^not a raise$"),
    ],
)
def test_a_damaged_budget_is_refused(budget_id: str, damage: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        Budget.load(budget_id, "tenant", AS_JSON | damage)


@pytest.mark.parametrize(
    ("damage", "field"), [({"limit_usd": "lots"}, "limit_usd"), ({"created_at": "x"}, "created_at")]
)
def test_damage_of_a_budget_is_blamed_by_its_name(damage: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Budget.load("nightly", "tenant", AS_JSON | damage)
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["amount_usd", "at", "until"])
def test_damage_of_a_raise_is_blamed_by_its_name(field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Raise.load(UNTIL_NOON.dump() | {field: "x"})
    assert refused.value.field == field
