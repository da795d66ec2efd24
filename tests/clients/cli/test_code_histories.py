"""Whatever two files say one after the other: after apply there is no difference."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget_monitor_client.cli.code.apply import apply
from budget_monitor_client.cli.code.export import export
from tests.clients.cli.test_code import now, planned
from tests.support.builders import new_id
from tests.support.clients.handlers import client
from tests.support.thorough import size

AMOUNTS = st.decimals(0, 1000, places=3).map(lambda amount: f"{amount:f}")
BUDGETS = st.dictionaries(
    st.sampled_from(["daily", "ada", "each", "gpt", "tenant-month"]),
    st.fixed_dictionaries(
        {"limit_usd": st.one_of(AMOUNTS, st.integers(0, 1000))},
        optional={
            "limit_calls": st.integers(1, 1000),
            "limit_tokens": st.one_of(st.integers(1, 10**9), st.just({"input": 5, "total": 9})),
            "enforcement": st.sampled_from(["enforce", "shadow"]),
            "thresholds": st.lists(st.integers(1, 200), max_size=4),
            "reserve_percent": st.integers(0, 20),
            "downgrade": st.just([{"model": "gpt-4o-mini", "at_percent": 50}]),
        },
    ),
    max_size=4,
)
PLACES = {
    "daily": {"scope": "tenant", "period": "day"},
    "ada": {"scope": "user", "scope_id": "ada", "period": "month"},
    "each": {"scope": "user", "scope_id": "*", "period": "day"},
    "gpt": {"scope": "model", "scope_id": "gpt-4o", "period": "month", "action": "alert"},
}
FROM = st.one_of(
    st.none(),
    st.integers(1, 5).map(lambda days: (now() + timedelta(days=days)).isoformat()),
)
PRICES = st.lists(
    st.fixed_dictionaries(
        {
            "model": st.sampled_from(["ours", "theirs", "OURS"]),
            "input_usd_per_million": AMOUNTS,
        },
        optional={"output_usd_per_million": AMOUNTS, "from": FROM},
    ),
    max_size=4,
    unique_by=lambda price: (str(price["model"]).casefold(), price.get("from")),
)
ALIASES = st.dictionaries(
    st.sampled_from(["a", "B", "our deployment"]),
    st.fixed_dictionaries({"model": st.sampled_from(["gpt-4o", "claude-3-5-haiku"])}),
)
AUTHORITIES = st.fixed_dictionaries(
    {},
    optional={
        "approvers": st.lists(
            st.sampled_from(
                [{"by": "lee"}, {"link": True}, {"signer": "jwt:ann", "up_to_usd": "9.50"}]
            ),
            max_size=3,
        ),
        "four_eyes_above_usd": st.sampled_from(["9.5", 10, None]),
        "time_out": st.just({"after_seconds": 60, "decision": "deny"}),
    },
).filter(lambda one: not (one.get("approvers") and one.get("four_eyes_above_usd")))
"""Without those that nobody could meet, which the service refuses: no approver owns the tenant."""
OWNED = st.fixed_dictionaries(
    {},
    optional={
        "settings": st.fixed_dictionaries(
            {"time_zone": st.sampled_from(["Europe/Berlin", "UTC"])},
            optional={"owner": st.sampled_from(["kim", None])},
        ),
        "budgets": BUDGETS,
        "prices": PRICES,
        "aliases": ALIASES,
        "authority": AUTHORITIES,
    },
)


def placed(rules: dict[str, Any]) -> dict[str, Any]:
    budgets = rules.get("budgets")
    if budgets is not None:
        budgets = {name: {**PLACES.get(name, {}), **one} for name, one in budgets.items()}
        rules = {**rules, "budgets": budgets}
    return rules


@given(first=OWNED, second=OWNED)
@settings(
    max_examples=size(5, 10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_plan_after_apply_is_empty_for_any_two_files_one_after_the_other(
    cloud: Any, first: dict[str, Any], second: dict[str, Any]
) -> None:
    budget, tenant = client(), new_id("tenant")
    for rules in (first, second):
        text = yaml.safe_dump({"format": 1, "tenants": {tenant: placed(rules)}})
        apply(budget, planned(text), by="maria", reason="a test")
        assert planned(text).changes == ()
    exported = export(budget, [tenant], now())
    assert planned(exported).changes == ()
