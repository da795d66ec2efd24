"""The built-in budgets: four limits, three actions, and thresholds for months alone."""

from __future__ import annotations

from decimal import Decimal

from budget_monitor.domain.rules.defaults import default_policy


def test_each_of_four_limits_is_on_its_own_budget() -> None:
    policy = default_policy(Decimal(10), Decimal(50), Decimal(1000), None)
    four = (policy.execution, policy.workflow, policy.tenant_month, policy.system_month)
    assert [(one.budget_id, one.scope, one.period, one.limit, one.action) for one in four] == [
        ("execution", "execution", "run", Decimal(10), "block"),
        ("workflow", "workflow", "run", Decimal(50), "pause"),
        ("tenant-month", "tenant", "month", Decimal(1000), "block"),
        ("system-month", "system", "month", None, "block"),
    ]
    assert [one.thresholds for one in four] == [(), (), (50, 80, 100), (50, 80, 100)]
    assert {one.source for one in four} == {"default"}
    assert all(one.is_default for one in four)
    assert policy.custom == ()


def test_all_four_are_shadows_where_the_setting_says_so() -> None:
    policy = default_policy(Decimal(1), Decimal(1), Decimal(1), Decimal(1), "shadow")
    assert {one.enforcement for one in policy.budgets} == {"shadow"}
    assert not any(one.enforces for one in policy.budgets)
