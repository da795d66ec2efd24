"""Which prices there are: lists, what a model would cost, limits, and the tenant wall."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budget_monitor.domain.rules import rulebook as rules
from budget_monitor.usecases.prices import set_prices
from budget_monitor.usecases.rules.row_size import MAX_BYTES
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import (
    GPT,
    NONE_KNOWN,
    OWN,
    RATES,
    cost,
    delete,
    put,
    put_system,
    rates,
    record,
)
from tests.support.rules.governing import WHO
from tests.support.times import at

ALICE = {"by": "Alice", "reason": "cheaper for me"}


def test_a_list_has_a_tenants_prices_and_those_of_the_system(tenant: Tenant) -> None:
    put_system(tenant.door, GPT, provider="openai", discount_percent="5")
    put(tenant, OWN, **RATES)
    put(tenant, "*", provider="anthropic", discount_percent="10")

    body = tenant.call("list_prices").body
    shown = [(one["model"], one["source"], one["by"], one["reason"]) for one in body["items"]]
    who = tuple(WHO.values())
    assert shown == [("*", "tenant", *who), (GPT, "system", *who), (OWN, "tenant", *who)]
    assert body["in_force"] is None
    of_system = tenant.door.call("list_system_prices").body["items"]
    assert [(one["model"], one["discount_percent"]) for one in of_system] == [(GPT, "5")]


def test_a_list_for_a_model_says_which_price_holds(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z"):
        put(tenant, GPT, **rates("1"), **{"from": "2026-12-01T00:00:00Z"})
        put(tenant, OWN, **RATES)
        body = tenant.call("list_prices", model="GPT-4O").body
        assert [one["model"] for one in body["items"]] == [GPT]
        assert body["in_force"]["source"] == "genai-prices"
        later = {"model": GPT, "provider": "openai", "at": "2026-12-01T00:00:00Z"}
        held = tenant.call("list_prices", **later).body["in_force"]
    assert (held["source"], held["unit_prices"][0]["usd"]) == ("tenant", "1")
    assert tenant.call("list_prices", model="unheard-of").body == {"items": [], "in_force": None}


def test_a_fallback_price_is_what_holds_where_there_is_no_other(tenant: Tenant) -> None:
    tenant.call("set_tenant", fallback_price=RATES, **WHO)
    held = tenant.call("list_prices", model="unheard-of").body["in_force"]
    assert (held["source"], held["unit_prices"][1]["usd"]) == ("fallback", "8")


def test_the_price_of_a_model_is_shown_with_its_source(door: Door) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        shown = door.call("get_price", model="GPT-4o").body
        assert (shown["source"], shown["at"]) == ("genai-prices", "2026-11-22T10:00:00Z")
        assert (shown["model"], shown["provider"]) == ("GPT-4o", None)
        assert (shown["matched_model"], shown["matched_provider"]) == (GPT, "openai")
        by_unit = {one["unit"]: (one["usd"], one["per"]) for one in shown["unit_prices"]}
        assert by_unit["output_tokens"] == ("10", 10**6)
        put_system(door, GPT, discount_percent="10", **{"from": "2026-11-23T00:00:00Z"})
        assert door.call("get_price", model=GPT).body["source"] == "genai-prices"
        later = {"model": GPT, "provider": "openai", "at": "2026-11-23T00:00:00+00:00"}
        shown = door.call("get_price", **later).body
    assert (shown["source"], shown["unit_prices"][0]["usd"]) == ("system", "2.25")


def test_what_is_cheaper_or_dearer_from_a_size_on_says_so(door: Door) -> None:
    shown = door.call("get_price", model="claude-sonnet-4-5", provider="anthropic").body
    assert shown["unit_prices"][0]["tiers"] == [{"above_input_tokens": 200000, "usd": "6"}]


@pytest.mark.parametrize("named", [{}, {"provider": "openai"}])
def test_an_unknown_model_has_no_price(door: Door, named: dict[str, Any]) -> None:
    answer = door.call("get_price", model="unheard-of", **named)
    assert answer.refusal == ("UNKNOWN_PRICE", "model")
    assert answer.has_status(422)
    assert "unheard-of" in answer.message


def test_a_price_is_the_systems_where_a_direct_invocation_names_no_tenant(
    cloud: MemoryCloud,
) -> None:
    door = DirectDoor()
    shown = door.call("set_price", model=OWN, **RATES, **WHO).body
    assert (shown["tenant_id"], shown["source"]) == (None, "system")
    assert cost(Tenant(door), OWN) == "0.006"
    assert door.call("list_prices").body == door.call("list_system_prices").body
    assert door.call("price_history").body == door.call("system_price_history").body
    assert door.call("delete_price", model=OWN, **WHO).body["deleted"]
    assert record(Tenant(door), OWN).refusal == NONE_KNOWN


def test_another_tenants_price_never_applies_and_never_shows(tenant: Tenant) -> None:
    stranger = Tenant(tenant.door)
    put(tenant, OWN, **RATES, reason="a secret contract")
    assert record(stranger, OWN).refusal == NONE_KNOWN
    assert cost(tenant, OWN) == "0.006"
    refused = tenant.door.call("get_price", model=OWN)
    assert refused.error == "UNKNOWN_PRICE"
    seen = [stranger.call("list_prices", model=OWN), stranger.call("price_history")]
    seen.append(tenant.door.call("list_system_prices"))
    seen.append(tenant.door.call("system_price_history"))
    for secret in (tenant.id, "secret", OWN):
        assert secret not in json.dumps([one.body for one in seen])
    assert delete(stranger, OWN).refusal == ("NOT_FOUND", None)
    cursor = put(tenant, OWN, **RATES).error or tenant.call("price_history", limit=1).body["cursor"]
    assert stranger.call("price_history", cursor=cursor).refusal == ("VALIDATION_ERROR", "cursor")


def test_the_systems_routes_take_no_tenant(cloud: MemoryCloud) -> None:
    door, before = HttpDoor(), cloud.rows()
    named: dict[str, Any] = {"model": OWN, **WHO}
    for operation, fields in (("set_system_price", named | RATES), ("delete_system_price", named)):
        answer = door.call(operation, **fields, tenant_id="acme")
        assert answer.refusal == ("VALIDATION_ERROR", "tenant_id")
        answer = door.send(operation, json.dumps(fields), query={"tenant_id": "acme"})
        assert answer.refusal == ("VALIDATION_ERROR", "tenant_id")
    for operation in ("list_system_prices", "system_price_history", "get_price"):
        answer = door.call(operation, model=OWN, tenant_id="acme")
        assert answer.refusal == ("VALIDATION_ERROR", "tenant_id")
    assert cloud.rows() == before


def test_the_owner_of_a_tenant_does_not_set_what_it_pays(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    put(tenant, OWN, **RATES)
    tenant.call("set_tenant", owner="alice", fallback_price=RATES, **WHO)
    before = cloud.rows()
    free = rates("0")
    for answer in (
        put(tenant, OWN, **free, **ALICE),
        put(tenant, "another", **RATES, **ALICE),
        delete(tenant, OWN, **ALICE),
        tenant.call("set_tenant", fallback_price=rates("0.01"), **ALICE),
    ):
        assert answer.refusal == ("FORBIDDEN", "by")
        assert answer.has_status(403)
    assert cloud.rows() == before
    assert tenant.call("set_tenant", fallback_price=RATES, **ALICE).error is None
    assert put(tenant, OWN, **free).error is None


def test_there_are_two_hundred_prices_of_an_owner_at_most(
    direct_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, most = direct_tenant, 8
    assert rules.MAX_PRICES == 200
    monkeypatch.setattr(set_prices, "MAX_PRICES", most)
    for number in range(most):
        assert put(tenant, f"model-{number}", **RATES).error is None
    full = put(tenant, "one-more", **RATES)
    assert (full.refusal, full.has_status(409)) == (("CONFLICT", None), True)
    assert len(tenant.call("list_prices").body["items"]) == most
    assert delete(tenant, "model-7").error is None, "from now on, and it makes room"
    assert put(tenant, "one-more", **RATES).error is None
    assert put(tenant, "one-more", **RATES).refusal == full.refusal
    assert cost(tenant, "model-6") == "0.006"


def test_what_has_ended_is_not_deleted_again(direct_tenant: Tenant, cloud: MemoryCloud) -> None:
    put(direct_tenant, OWN, **RATES)
    assert delete(direct_tenant, OWN).error is None
    before = cloud.rows()
    assert delete(direct_tenant, OWN).refusal == ("NOT_FOUND", None)
    assert cloud.rows() == before
    assert put(direct_tenant, OWN, **RATES).error is None


def test_what_one_row_cannot_keep_is_refused_and_the_rest_stands(direct_tenant: Tenant) -> None:
    long = {"reason": "\U0001f600" * 1024, "by": "é" * 1024, "provider": "\U0001f600" * 256}
    errors = [put(direct_tenant, f"m{n}", **RATES, **long).error for n in range(50)]
    assert set(errors) == {None, "CONFLICT"}
    fitting = errors.count(None)
    assert fitting * 7000 < MAX_BYTES < (fitting + 1) * 9000
    shown = direct_tenant.call("price_history", limit=1).body["items"][0]
    assert shown["after"]["prices"][0]["reason"] == long["reason"]
    assert delete(direct_tenant, "m0", provider=long["provider"]).error is None
