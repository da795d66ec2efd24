"""A requested budget: what it overrides, what it may change, and which requests are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.rulebook import Rules, policy_of
from budget_monitor.usecases.rules.budget_draft import Draft, budget_of
from budget_monitor.usecases.rules.rulebook import RulesSnapshot

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEFAULTS = default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000))
CAP = Draft("cap", Decimal(5), "agent", "crawler", "day")
INHERITED = DEFAULTS.tenant_month


def snapshot(rules: Rules) -> RulesSnapshot:
    system = rules if rules.tenant_id == SYSTEM else Rules(SYSTEM)
    return RulesSnapshot(rules, system, policy_of(DEFAULTS, system, rules), NOON)


ACME = snapshot(Rules("acme", version=3))


def test_a_new_budget_blocks_alerts_at_50_80_and_100_and_has_a_life_of_its_own() -> None:
    assert budget_of(CAP, ACME, None) == Budget(
        "cap",
        "agent",
        Decimal(5),
        period="day",
        scope_id="crawler",
        created_at=NOON,
        source="tenant",
        life="t4",
    )
    assert budget_of(replace(CAP, period="run"), ACME, None).thresholds == ()


def test_a_budget_that_is_set_again_keeps_its_life_and_creation_unless_it_moves() -> None:
    old = budget_of(CAP, ACME, None)
    later = replace(snapshot(Rules("acme", 7).with_budget(old)), at=NOON.replace(hour=13))
    same = budget_of(replace(CAP, limit=Decimal(9)), later, None)
    assert (same.limit, same.life, same.created_at) == (Decimal(9), "t4", NOON)
    moved = budget_of(replace(CAP, period="week"), later, None)
    assert (moved.life, moved.created_at) == ("t8", later.at)


def test_an_override_keeps_scope_period_and_action_of_the_inherited_budget() -> None:
    own = budget_of(Draft("tenant-month", Decimal(7)), ACME, INHERITED)
    assert (own.scope, own.period, own.action) == ("tenant", "month", INHERITED.action)
    assert (own.limit, own.source) == (Decimal(7), "tenant")


@pytest.mark.parametrize(
    ("draft", "inherited", "field", "words"),
    [
        (Draft("cap", None), None, "scope", "scope is required"),
        (Draft("cap", None, "agent", "a"), None, "period", "period is required"),
        (Draft("cap", None, "agent", None, "day"), None, "scope_id", "name of the agent"),
        (Draft("cap", None, "tenant", "globex", "day"), None, "scope_id", "takes no scope_id"),
        (Draft("cap", None, "system", None, "day"), None, "scope", "at /system/budgets"),
        (Draft("cap", None, "user", "u", "run"), None, "period", "requires scope workflow"),
        (Draft("cap", None, "execution", None, "day"), None, "period", "must have period run"),
        (
            Draft("cap", None, "workflow", "w", "run", "block_new"),
            None,
            "action",
            "cannot be used with period run",
        ),
        (Draft("tenant-month", None, "agent"), INHERITED, "scope", "must stay tenant"),
        (Draft("tenant-month", None, None, "other"), INHERITED, "scope_id", "cannot change"),
        (Draft("system-month", None), DEFAULTS.system_month, "budget_id", "is the system's"),
    ],
)
def test_a_request_that_cannot_be_enforced_names_its_field(
    draft: Draft, inherited: Budget | None, field: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        budget_of(draft, ACME, inherited)
    assert refused.value.field == field
