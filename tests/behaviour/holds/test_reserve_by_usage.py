"""Holds by usage keep their quote; what a price was when it happened is what counts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.dynamodb.calls import recorded_calls
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import (
    GPT,
    NONE_KNOWN,
    OWN,
    RATES,
    USAGE,
    cost,
    delete,
    put,
    put_system,
    rates,
    record,
)
from tests.support.rules.governing import WHO, Processes
from tests.support.times import at


@pytest.fixture
def cloud(priced_cloud: MemoryCloud) -> MemoryCloud:
    return priced_cloud


RUN: dict[str, Any] = {"agent_execution_id": "run-1", "model": OWN}
MOST = {"estimated_usage": {"input_tokens": 1000, "max_output_tokens": 500}}
HELD = [
    {"unit": "input_tokens", "quantity": "1000", "usd": "2", "per": 1000000},
    {"unit": "output_tokens", "quantity": "500", "usd": "8", "per": 1000000},
]


def take(tenant: Tenant, name: str = "hold-1", **fields: Any) -> Any:
    given = RUN | MOST | {"reservation_id": name} | fields
    return tenant.call("reserve", **given)


def test_a_hold_by_usage_is_priced_and_quoted(tenant: Tenant) -> None:
    put(tenant, OWN, **RATES)
    checked = tenant.call("check", **RUN, **MOST).body
    taken = take(tenant).body
    assert taken["reservation"]["amount_usd"] == "0.006"
    quote = taken["reservation"]["quote"]
    assert checked["quote"] == taken["quote"] == quote
    assert (quote["source"], quote["lines"]) == ("tenant", HELD)
    assert tenant.reservation("hold-1")["quote"] == quote
    assert take(tenant).body["quote"] == quote


def test_a_refusal_says_by_which_prices_the_estimate_was_made(tenant: Tenant) -> None:
    put(tenant, OWN, **RATES, call_usd="2000000")
    tenant.call("set_budget", budget_id="tenant-month", limit_usd="1", **WHO)
    refused = take(tenant).body
    assert (refused["allowed"], refused["reservation"]) == (False, None)
    assert [one["unit"] for one in refused["quote"]["lines"]][-1] == "calls"
    assert tenant.check("5").body["quote"] is None


def test_a_hold_keeps_its_quote_and_the_settlement_has_the_price_of_its_moment(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    put(tenant, OWN, **RATES)
    quote = take(tenant).body["quote"]
    put(tenant, OWN, **rates("30"))
    assert tenant.reservation("hold-1") | {"state": "open"} == tenant.reservation("hold-1")
    assert (tenant.reservation("hold-1")["quote"], quote["lines"]) == (quote, HELD)
    settled = tenant.call("settle", reservation_id="hold-1", usage=USAGE).body
    assert settled["entry"]["cost_usd"] == "0.03"
    assert settled["reservation"]["quote"] == quote
    assert settled["reservation"]["amount_usd"] == "0.006"
    assert tenant.usage()["spent_usd"] == "0.03"
    assert not differences(cloud.rows())


@pytest.mark.parametrize("minutes", ["05", "45"], ids=["in time", "after expiry"])
def test_a_settlement_has_the_price_of_when_it_occurred_though_there_is_none_since(
    direct_tenant: Tenant, minutes: str
) -> None:
    tenant = direct_tenant
    with at("2026-11-22T10:00:00Z"):
        put(tenant, OWN, **RATES)
        take(tenant)
    with at("2026-11-22T10:03:00Z"):
        delete(tenant, OWN)
    with at(f"2026-11-22T10:{minutes}:00Z"):
        late = {} if minutes == "45" else {"occurred_at": "2026-11-22T10:02:00Z"}
        settled = tenant.call("settle", reservation_id="hold-1", usage=USAGE, **late).body
        assert settled["entry"]["cost_usd"] == "0.006"
        assert record(tenant, OWN).refusal == NONE_KNOWN


def test_what_was_called_in_the_end_is_what_is_priced(direct_tenant: Tenant) -> None:
    put(direct_tenant, OWN, **RATES)
    take(direct_tenant)
    given = {"reservation_id": "hold-1", "usage": USAGE, "model": GPT, "provider": "openai"}
    entry = direct_tenant.call("settle", **given).body["entry"]
    assert (entry["cost_usd"], entry["model"], entry["provider"]) == ("0.0075", GPT, "openai")


def test_a_retry_after_a_price_was_deleted_is_a_replay(tenant: Tenant, cloud: MemoryCloud) -> None:
    put(tenant, OWN, **RATES)
    take(tenant)
    take(tenant, "hold-2")
    costs = [{**RUN, "usage": USAGE, "entry_id": f"many-{n}"} for n in range(2)]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("record_cost", {**RUN, "usage": USAGE, "entry_id": "one"}),
        ("settle", {"reservation_id": "hold-1", "usage": USAGE}),
        ("record_costs", {"costs": costs}),
    ]
    first = [tenant.call(operation, **fields).body for operation, fields in asked]
    delete(tenant, OWN)
    cloud.start_another_process()
    before = cloud.rows()

    again = [tenant.call(operation, **fields).body for operation, fields in asked]

    shown = [[one.get("entry"), *one.get("results", [])] for one in again]
    assert "'replayed': False" not in str(shown)
    assert [one["entry"]["cost_usd"] for one in first[:2]] == ["0.006", "0.006"]
    assert [one["entry"]["cost_usd"] for one in again[2]["results"]] == ["0.006", "0.006"]
    replayed = take(tenant, "hold-2").body
    assert (replayed["replayed"], replayed["reservation"]["amount_usd"]) == (True, "0.006")
    assert take(tenant, "hold-3").refusal == ("UNKNOWN_PRICE", "estimated_usage")
    assert cloud.rows() == before


@pytest.mark.parametrize("owner", ["tenant", "system"])
def test_a_price_holds_on_every_process_from_the_next_request_on(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud, owner: str
) -> None:
    processes = Processes(monkeypatch)

    def set_price(number: str) -> None:
        processes.answer(1)
        if owner == "tenant":
            put(tenant, OWN, **rates(number))
        else:
            put_system(tenant.door, OWN, **rates(number))
        processes.answer(2)

    set_price("1")
    assert cost(tenant, OWN) == "0.001"
    take(tenant)
    set_price("2")
    assert cost(tenant, OWN) == "0.002"
    set_price("3")
    assert take(tenant, "hold-2").body["reservation"]["amount_usd"] == "0.003"
    set_price("4")
    settled = tenant.call("settle", reservation_id="hold-1", usage=USAGE).body
    assert settled["entry"]["cost_usd"] == "0.004"
    set_price("5")
    batch = tenant.call("record_costs", costs=[{**RUN, "usage": USAGE}]).body["results"]
    assert batch[0]["entry"]["cost_usd"] == "0.005"
    set_price("6")
    assert tenant.call("check", **RUN, **MOST).body["quote"]["lines"][0]["usd"] == "6"
    processes.answer(1)
    delete(tenant, OWN) if owner == "tenant" else tenant.door.call(
        "delete_system_price", model=OWN, **WHO
    )
    processes.answer(2)
    assert record(tenant, OWN).refusal == NONE_KNOWN
    assert not differences(cloud.rows())


def test_a_first_price_is_found_by_a_process_that_knew_none(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = Processes(monkeypatch)
    processes.answer(2)
    assert record(tenant, OWN).refusal == NONE_KNOWN
    assert take(tenant).refusal == ("UNKNOWN_PRICE", "estimated_usage")
    processes.answer(1)
    put(tenant, OWN, **RATES)
    processes.answer(2)
    assert take(tenant).body["reservation"]["amount_usd"] == "0.006"
    assert cost(tenant, OWN) == "0.006"


def test_a_price_asks_the_database_for_nothing_more(direct_tenant: Tenant) -> None:
    put(direct_tenant, OWN, **RATES)
    cost(direct_tenant, OWN)
    with recorded_calls() as calls:
        take(direct_tenant, include_gates=False)
        direct_tenant.call(
            "settle", reservation_id="hold-1", usage=USAGE, model=GPT, include_gates=False
        )
        cost(direct_tenant, OWN, include_gates=False)
    assert calls.operations == ["TransactWriteItems"] * 3
