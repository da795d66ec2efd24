"""Policy: which budgets watch an account, which limit counts there, and on whose account."""

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import (
    AccountKey,
)
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.watching import watching
from tests.support.rules.policies import (
    ACME,
    FLOW,
    LATER,
    NOON,
    PLAIN,
    RUN,
    SYSTEM,
    TOKYO,
    budget,
    names,
    policy,
)

UNTIL_LATER = (Raise("r1", Decimal(5), "ana", "launch", NOON, until=LATER),)


def raised(one: Budget) -> Budget:
    return replace(one, raises=UNTIL_LATER)


def test_an_account_is_watched_by_its_default_and_by_the_budgets_that_count_there() -> None:
    monthly = budget("ours", "tenant", "month")
    daily = budget("daily", "agent", "day", scope_id="crawler")
    shared = replace(budget("shared", "system", "month"), source="system")
    ours = policy(monthly, daily, shared, budget("run", "agent", scope_id="crawler"))
    assert watching(ours, ACME, None, NOON) == [
        Gate(PLAIN.tenant_month, ACME, TOKYO),
        Gate(monthly, ACME, TOKYO, NOON),
    ]
    assert watching(ours, SYSTEM, None, NOON)[0] == Gate(PLAIN.system_month, SYSTEM)
    assert names(watching(ours, SYSTEM, None, NOON)) == [
        ("system-month", "system"),
        ("shared", "system"),
    ]
    day = budget_account(daily, "acme", "2026-11-23")
    assert watching(ours, day, None, NOON) == [Gate(daily, day, TOKYO, NOON)]
    assert watching(ours, day, None, LATER) == [Gate(daily, day, TOKYO, None)]
    assert names(watching(ours, RUN, "crawler", NOON)) == [("run", "execution")]
    assert names(watching(ours, FLOW, "etl", NOON)) == [("workflow", "workflow")]


def test_a_watched_account_has_its_limits_as_raised_now() -> None:
    monthly = raised(budget("ours", "tenant", "month"))
    ours = replace(
        policy(monthly, raised(budget("run", "agent", scope_id="crawler"))),
        tenant_month=raised(PLAIN.tenant_month),
        system_month=raised(PLAIN.system_month),
    )
    assert [one.budget.limit for one in watching(ours, ACME, None, NOON)] == [1005, 8]
    assert [one.budget.limit for one in watching(ours, ACME, None, LATER)] == [1000, 3]
    assert watching(ours, SYSTEM, None, NOON)[0].budget.limit == 10005
    assert watching(ours, RUN, "crawler", NOON)[0].budget.limit == 8


def test_of_two_gates_over_one_account_the_lower_limit_counts() -> None:
    low, high = (
        replace(budget(name, "tenant", "month"), limit=Decimal(n))
        for name, n in (("low", 2), ("high", 7))
    )
    for gates in ([Gate(low, ACME), Gate(high, ACME)], [Gate(high, ACME), Gate(low, ACME)]):
        assert PLAIN.limits(gates) == {ACME: Decimal(2)}
    alert = replace(low, action="alert")
    assert PLAIN.limits([Gate(alert, ACME), Gate(high, ACME)]) == {ACME: Decimal(7)}
    assert PLAIN.limits([Gate(low, ACME), Gate(high, SYSTEM)]) == {ACME: 2, SYSTEM: 7}


@pytest.mark.parametrize(
    ("scope", "period", "account"),
    [
        ("tenant", "month", ACME),
        ("system", "month", SYSTEM),
        ("tenant", "day", AccountKey("acme", "budget", "b#tenant#", "2026-11")),
        ("system", "day", AccountKey("acme", "budget", "b#system#", "2026-11")),
        ("agent", "month", AccountKey("acme", "budget", "b#agent#", "2026-11")),
    ],
)
def test_a_budget_has_an_account_of_its_own_but_where_one_counts_all(
    scope: str, period: str, account: AccountKey
) -> None:
    assert budget_account(budget("b", scope, period), "acme", "2026-11") == account
    named = budget_account(budget("b", "agent", scope_id="crawler"), "acme", "2026-11")
    assert named.scope_id == "b#agent#crawler"
