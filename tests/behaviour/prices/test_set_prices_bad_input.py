"""Every field of a price: malformed it is a 400 that names it, and nothing is changed."""

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
from tests.support.doors.doors import Answer
from tests.support.doors.routes import ROUTES
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, OWN, RATES, USAGE, put, record
from tests.support.rules.governing import WHO

BAD = "VALIDATION_ERROR"
INPUT, CACHE = "input_usd_per_million", "cache_read_usd_per_million"
PRICED: dict[str, Any] = {"model": OWN, "provider": "us", **RATES, **WHO}
SET = [
    *cases("model", BAD_NAMES),
    *cases("provider", BAD_NAMES),
    *cases("from", BAD_TIMES),
    *cases("by", BAD_REASONS),
    *cases("reason", BAD_REASONS),
    *cases("idempotency_key", BAD_IDS[:8]),
]
RATE = [
    *cases(INPUT, BAD_MONEY),
    *cases("second_usd", BAD_MONEY[:6]),
    *cases("call_usd", BAD_MONEY[:6]),
    *cases(CACHE, BAD_MONEY[:6]),
    *cases("discount_percent", BAD_MONEY[:6]),
]
BOTH: dict[str, tuple[dict[str, Any], str]] = {
    "neither prices nor a discount": ({"model": OWN}, INPUT),
    "both": ({"model": GPT, **RATES, "discount_percent": "5"}, "discount_percent"),
    "over 100 %": ({"model": GPT, "discount_percent": "100.000000000001"}, "discount_percent"),
    "101 %": ({"model": GPT, "discount_percent": 101}, "discount_percent"),
    "off what is not published": ({"model": OWN, "discount_percent": "5"}, "discount_percent"),
    "all models of nobody": ({"model": "*", "discount_percent": "5"}, "provider"),
    "prices of all models": ({"model": "*", "provider": "openai", **RATES}, "model"),
    "a cache without input": ({"model": OWN, CACHE: "1", "call_usd": "1"}, INPUT),
    "no model": ({**RATES}, "model"),
    "a model of nothing": ({"model": None, **RATES}, "model"),
    "an unknown price": ({"model": OWN, **RATES, "image_usd": "1"}, "image_usd"),
    "a scope": ({"model": OWN, **RATES, "scope": "tenant"}, "scope"),
}


def send(tenant: Tenant, operation: str, fields: dict[str, Any], **raw: str) -> Answer:
    """The operation with those fields; `raw` are JSON texts."""
    texts = {name: json.dumps(value) for name, value in fields.items()} | raw
    text = "{" + ", ".join(f'"{name}": {value}' for name, value in texts.items()) + "}"
    path = dict.fromkeys(ROUTES[operation].placeholders, tenant.id)
    return tenant.door.send(operation, text, **path)


@pytest.mark.parametrize(
    ("operation", "good", "bad"),
    [
        ("set_price", PRICED, [*SET, *RATE]),
        ("set_system_price", PRICED, [*SET[::7], *RATE[::7]]),
        ("delete_price", {"model": OWN, "provider": "us", **WHO}, SET),
        ("delete_system_price", {"model": OWN, **WHO}, SET[::7]),
    ],
)
def test_a_malformed_field_is_named_and_nothing_is_changed(
    tenant: Tenant, cloud: MemoryCloud, operation: str, good: dict[str, Any], bad: Any
) -> None:
    put(tenant, OWN, provider="us", **RATES)
    before = cloud.rows()
    for field, value in bad:
        answer = send(tenant, operation, good, **{field: value})
        if answer.error != "MALFORMED_JSON":
            assert answer.refusal == (BAD, field), value
        assert answer.has_status(400)
    for field in ("model", "by", "reason"):
        less = {name: value for name, value in good.items() if name != field}
        assert send(tenant, operation, less).refusal == (BAD, field)
    assert cloud.rows() == before


@pytest.mark.parametrize("case", BOTH)
def test_prices_that_do_not_go_together_are_refused(
    tenant: Tenant, cloud: MemoryCloud, case: str
) -> None:
    before, (fields, field) = cloud.rows(), BOTH[case]
    for operation in ("set_price", "set_system_price"):
        answer = send(tenant, operation, {**fields, **WHO})
        assert (answer.refusal, answer.has_status(400)) == ((BAD, field), True)
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", ["list_prices", "price_history", "get_price"])
def test_questions_about_prices_are_checked(tenant: Tenant, operation: str) -> None:
    whose = {} if operation == "get_price" else {"tenant_id": tenant.id}

    def ask(**fields: Any) -> tuple[str | None, str | None]:
        return tenant.door.call(operation, **whose, **fields).refusal

    for name in ("", "a\nb", "a" * 257):
        assert ask(model=name) == (BAD, "model")
    assert ask(model=OWN, page="1") == (BAD, "page")
    if operation == "price_history":
        for limit in BAD_LIMITS[:4]:
            assert ask(limit=limit) == (BAD, "limit")
        for cursor in BAD_CURSORS:
            assert ask(cursor=cursor) == (BAD, "cursor")
        return
    assert ask(model=OWN, provider="a\nb") == (BAD, "provider")
    assert ask(model=OWN, at="yesterday") == (BAD, "at")
    for alone in ({"provider": "x"}, {"at": "2026-11-22T10:00:00Z"}):
        assert ask(**alone) == (BAD, "model")


ESTIMATE = "estimated_usage"
BAD_USAGE: list[tuple[str, dict[str, Any], str]] = [
    ("check", {ESTIMATE: {"input_tokens": 1}}, f"{ESTIMATE}.max_output_tokens"),
    ("check", {ESTIMATE: {"max_output_tokens": 1}}, f"{ESTIMATE}.input_tokens"),
    ("check", {ESTIMATE: {}}, f"{ESTIMATE}.input_tokens"),
    ("check", {ESTIMATE: {**USAGE, "max_output_tokens": 1}}, f"{ESTIMATE}.output_tokens"),
    ("check", {ESTIMATE: [1]}, ESTIMATE),
    ("check", {ESTIMATE: {"calls": -1}}, f"{ESTIMATE}.calls"),
    ("check", {ESTIMATE: {"seconds": "-1"}}, f"{ESTIMATE}.seconds"),
    ("check", {}, "estimated_cost_usd"),
    ("record_cost", {"usage": {"input_tokens": -1}}, "usage.input_tokens"),
    ("record_cost", {"usage": {"calls": 1.5}}, "usage.calls"),
    ("record_cost", {"usage": {"output_tokens": 10**12 + 1}}, "usage.output_tokens"),
    ("record_cost", {"usage": {"seconds": "1000000000000"}}, "usage.seconds"),
    ("record_cost", {"usage": {"seconds": True}}, "usage.seconds"),
    ("record_cost", {"usage": USAGE, "provider_response": {"a": 1}}, "usage"),
    ("record_cost", {"usage": {**USAGE, "provider_response": {"a": 1}}}, "usage"),
    ("record_cost", {"usage": {"cache_read_tokens": 1}}, "usage"),
    ("record_cost", {"provider_response": {"smile": 1}}, "provider_response"),
    ("record_cost", {"provider_response": {"prompt_tokens": -5}}, "provider_response"),
    ("record_cost", {"provider_response": {"a": "b" * 9000}}, "provider_response"),
    ("record_cost", {"tokens": 5}, "cost_usd"),
]


@pytest.mark.parametrize(("operation", "fields", "field"), BAD_USAGE)
def test_usage_that_cannot_be_is_named(
    tenant: Tenant, cloud: MemoryCloud, operation: str, fields: dict[str, Any], field: str
) -> None:
    put(tenant, OWN, **RATES)
    before, labels = cloud.rows(), {"agent_execution_id": "run-1", "model": OWN}
    for asked in {operation, {"check": "reserve"}.get(operation, operation)}:
        answer = tenant.call(asked, **labels, **fields)
        assert (answer.refusal, answer.has_status(400)) == ((BAD, field), True)
    assert cloud.rows() == before


def test_more_than_a_trillion_dollars_is_no_cost(direct_tenant: Tenant, cloud: MemoryCloud) -> None:
    put(direct_tenant, OWN, second_usd="1000000")
    before, labels = cloud.rows(), {"agent_execution_id": "run-1", "model": OWN}
    ages = {"seconds": "1000000"}
    assert record(direct_tenant, OWN, usage=ages).refusal == (BAD, "usage")
    answer = direct_tenant.call("reserve", **labels, estimated_usage=ages)
    assert answer.refusal == (BAD, ESTIMATE)
    assert cloud.rows() == before


@pytest.mark.parametrize("field", [INPUT, "call_usd", "discount_percent"])
def test_a_number_that_a_float_cannot_hold_is_asked_for_as_a_string(
    direct_tenant: Tenant, cloud: MemoryCloud, field: str
) -> None:
    good = {"model": GPT, **WHO}
    before = cloud.rows()
    answer = send(direct_tenant, "set_price", good, **{field: "12.34567890123456"})
    assert answer.refusal == (BAD, field)
    assert cloud.rows() == before
    good[field] = "12.345678901234"
    assert direct_tenant.call("set_price", **good).body[field] == "12.345678901234"
