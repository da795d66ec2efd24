"""Every field of every decision: malformed it is a 400 that names it, and writes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.bad_input import (
    BAD_CURSORS,
    BAD_IDS,
    BAD_LIMITS,
    BAD_MONEY,
    BAD_NAMES,
    BAD_REASONS,
    BAD_TIMES,
    cases,
)
from tests.support.doors.doors import Door
from tests.support.doors.routes import ROUTES
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, cap

BAD_WORDS = ['""', '"Block"', '"fly"', "5", "[]", "{}", "true", '["block"]']
BAD_THRESHOLDS = [
    '"50"',
    "50",
    "{}",
    '["50"]',
    "[0]",
    "[-1]",
    "[1.5]",
    "[1001]",
    "[true]",
    "[[50]]",
]
PRICES = '"input_usd_per_million": 1, "output_usd_per_million": 1'
CACHE = '"cache_read_usd_per_million"'
BAD_PRICES = [
    ("fallback_price", "5"),
    ("fallback_price", "[]"),
    ("fallback_price", '"3"'),
    ("fallback_price.input_usd_per_million", "{}"),
    ("fallback_price.input_usd_per_million", '{"input_usd_per_million": "-1"}'),
    ("fallback_price.output_usd_per_million", '{"input_usd_per_million": "1"}'),
    ("fallback_price.cache_read_usd_per_million", f"{{{PRICES}, {CACHE}: []}}"),
    ("fallback_price.smile", f'{{{PRICES}, "smile": 1}}'),
]
GOOD: dict[str, dict[str, Any]] = {
    "set_budget": {"limit_usd": "5", "scope": "tenant", "period": "day", **WHO},
    "delete_budget": {**WHO},
    "raise_limit": {"amount_usd": "1", **WHO},
    "set_tenant": {"time_zone": "UTC", **WHO},
    "suspend": {**WHO},
    "reinstate": {**WHO},
}
GOOD |= {f"{name.split('_')[0]}_system_{name.split('_')[1]}": GOOD[name] for name in list(GOOD)[:3]}
GOOD |= {
    "update_budget": {"limit_usd": "5", **WHO},
    "delete_raise": {**WHO},
    "add_grant": {"amount_usd": "1", **WHO},
    "delete_tenant": {**WHO},
}
ALL = [
    *cases("by", BAD_REASONS),
    *cases("reason", BAD_REASONS),
    *cases("idempotency_key", BAD_IDS[:8]),
]
MORE = {
    "set_budget": [
        *cases("limit_usd", BAD_MONEY),
        *cases("scope", BAD_WORDS),
        *cases("period", BAD_WORDS),
        *cases("action", BAD_WORDS),
        *cases("enforcement", BAD_WORDS),
        *cases("scope_id", BAD_NAMES),
        *cases("thresholds", BAD_THRESHOLDS),
        ("thresholds", json.dumps(list(range(1, 12)))),
    ],
    "raise_limit": [
        *cases("amount_usd", BAD_MONEY),
        *cases("until", BAD_TIMES),
        *cases("raise_id", [*BAD_IDS[:8], '"settle:x"']),
    ],
    "set_tenant": [*cases("time_zone", BAD_WORDS), *cases("owner", BAD_NAMES), *BAD_PRICES],
}
MORE["set_budget"] += cases("rollover_usd", [one for one in BAD_MONEY if one != "null"])
MORE |= {
    "update_budget": [one for one in MORE["set_budget"] if one != ("limit_usd", "null")],
    "delete_raise": [*cases("until", BAD_TIMES)],
    "add_grant": [
        *cases("amount_usd", BAD_MONEY),
        *cases("expires_at", BAD_TIMES),
        *cases("grant_id", [*BAD_IDS[:8], '"settle:x"']),
        *cases("priority", ["-1", "1001", '"1"', "1.5", "true", "[]"]),
    ],
}
MORE |= {"set_system_budget": MORE["set_budget"], "raise_system_limit": MORE["raise_limit"]}


def send(tenant: Tenant, operation: str, fields: dict[str, Any], **raw: str) -> Any:
    """The operation with those fields; `raw` are JSON texts."""
    texts = {name: json.dumps(value) for name, value in fields.items()} | raw
    text = "{" + ", ".join(f'"{name}": {value}' for name, value in texts.items()) + "}"
    known = {"tenant_id": tenant.id, "budget_id": "cap", "raise_id": "r-1"}
    path = {name: known[name] for name in ROUTES[operation].placeholders}
    return tenant.door.send(operation, text, **path)


def same(named: str | None, field: str) -> bool:
    """Whether an error names the field, or a part of it."""
    return named is not None and named.split("[")[0] == field


@pytest.mark.parametrize("operation", list(GOOD))
def test_a_malformed_field_is_named_and_nothing_is_written(
    tenant: Tenant, cloud: MemoryCloud, operation: str
) -> None:
    before = cloud.rows()
    for field, value in [*ALL, *MORE.get(operation, [])]:
        answer = send(tenant, operation, GOOD[operation], **{field.split(".")[0]: value})
        assert answer.error in {"VALIDATION_ERROR", "MALFORMED_JSON"}, (field, value)
        assert answer.error == "MALFORMED_JSON" or same(answer.field, field), (field, value)
        assert answer.has_status(400)
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", list(GOOD))
def test_what_is_missing_or_unknown_is_named(
    tenant: Tenant, cloud: MemoryCloud, operation: str
) -> None:
    before, good = cloud.rows(), GOOD[operation]
    optional = {"time_zone", "thresholds"}
    for field in good.keys() - optional:
        less = {name: value for name, value in good.items() if name != field}
        assert send(tenant, operation, less).refusal == ("VALIDATION_ERROR", field)
        if field != "limit_usd":
            nothing = {**good, field: None}
            assert send(tenant, operation, nothing).refusal == ("VALIDATION_ERROR", field)
    for field in ("budgetId", "force", "amount", "version"):
        unknown = {**good, field: "1"}
        assert send(tenant, operation, unknown).refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


@pytest.mark.parametrize("name", ["a b", "a#b", "-a", "é", "a" * 129])
def test_an_id_of_a_budget_follows_the_rule_of_ids(
    tenant: Tenant, cloud: MemoryCloud, name: str
) -> None:
    before = cloud.rows()
    if tenant.door.name == "http":
        return  # the path's part is checked by test_bad_http for every operation
    for operation in ("set_budget", "delete_budget", "raise_limit", "budget_history"):
        fields = {**GOOD.get(operation, {}), "budget_id": name}
        assert tenant.call(operation, **fields).refusal == ("VALIDATION_ERROR", "budget_id")
    assert cloud.rows() == before


@pytest.mark.parametrize(
    ("scope", "period", "scope_id", "field"),
    [
        ("agent", "month", None, "scope_id"),
        ("model", "day", None, "scope_id"),
        ("user", "week", None, "scope_id"),
        ("tag", "hour", None, "scope_id"),
        ("workflow", "month", None, "scope_id"),
        ("agent", "run", None, "scope_id"),
        ("tenant", "day", "somebody-else", "scope_id"),
        ("system", "day", None, "scope"),
        ("model", "run", "gpt-4o", "period"),
        ("tenant", "run", None, "period"),
        ("execution", "day", "planner", "period"),
    ],
)
def test_what_cannot_be_held_to_is_refused(
    tenant: Tenant, cloud: MemoryCloud, scope: str, period: str, scope_id: str | None, field: str
) -> None:
    before = cloud.rows()
    answer = cap(tenant, "5", scope=scope, period=period, scope_id=scope_id)
    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", ["budget_history", "tenant_history"])
def test_questions_about_decisions_are_checked(tenant: Tenant, door: Door, operation: str) -> None:
    named = {"budget_id": "cap"} if operation == "budget_history" else {}
    for limit in BAD_LIMITS:
        given = limit if door.name == "http" else json.loads(f'"{limit}"')
        answer = tenant.call(operation, limit=given, **named)
        assert answer.refusal == ("VALIDATION_ERROR", "limit"), limit
    for cursor in BAD_CURSORS:
        answer = tenant.call(operation, cursor=cursor, **named)
        assert answer.refusal == ("VALIDATION_ERROR", "cursor"), cursor
