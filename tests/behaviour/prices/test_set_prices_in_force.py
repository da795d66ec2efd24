"""Prices that change between two processes, and labels that change at the settlement."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.usecases.costs.record_batch import Batches
from tests.support.builders import Tenant, by_name
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, HAIKU, OWN, RATES, USAGE, put, rates, record
from tests.support.rules.governing import GENEROUS, WHO, Processes, set_budget
from tests.support.times import ago

RUN: dict[str, Any] = {"agent_execution_id": "run-1"}


@pytest.mark.parametrize("batch", [False, True])
def test_a_price_that_is_backdated_is_known_everywhere_at_once(
    direct_tenant: Tenant, monkeypatch: pytest.MonkeyPatch, *, batch: bool
) -> None:
    tenant, processes = direct_tenant, Processes(monkeypatch)
    put(tenant, OWN, **RATES, **{"from": ago(hours=1)})
    processes.answer(2)
    record(tenant, OWN)
    processes.answer(1)
    put(tenant, OWN, **RATES, **{"from": ago(days=2)})
    processes.answer(2)
    late = RUN | {"model": OWN, "usage": USAGE, "occurred_at": ago(days=1)}

    if batch:
        entry = tenant.call("record_costs", costs=[late]).body["results"][0]["entry"]
    else:
        entry = tenant.call("record_cost", **late).body["entry"]

    assert entry["cost_usd"] == "0.006"


def test_a_batch_is_priced_by_one_version_of_the_prices(
    direct_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, processes = direct_tenant, Processes(monkeypatch)
    put(tenant, OWN, **rates("1"), **{"from": ago(hours=3)})
    processes.answer(2)
    record(tenant, OWN)
    ready, seen = Batches._ready, list[int]()  # noqa: SLF001 - the moment between two costs

    def between(self: Batches, index: int, *rest: Any) -> Any:
        seen.append(index)
        if len(seen) == 2:
            processes.answer(1)
            put(tenant, OWN, **rates("5"), **{"from": ago(hours=2)})
            processes.answer(2)
            self._planner.forget(tenant.id)
        return ready(self, index, *rest)

    monkeypatch.setattr(Batches, "_ready", between)
    costs = [RUN | {"model": OWN, "usage": USAGE, "entry_id": f"e{n}"} for n in range(2)]
    results = tenant.call("record_costs", costs=costs).body["results"]

    assert [one["entry"]["cost_usd"] for one in results] == ["0.005", "0.005"]


@pytest.mark.parametrize("model", [None, "GPT-4o", "gpt-4o-2024-08-06"])
def test_a_settlement_stays_at_the_holds_provider(direct_tenant: Tenant, model: str | None) -> None:
    tenant = direct_tenant
    put(tenant, "*", provider="azure", discount_percent="50")
    held = tenant.hold("1", **RUN, model=GPT, provider="azure")

    settled = tenant.call("settle", reservation_id=held, usage=USAGE, model=model)

    entry = settled.body["entry"]
    assert (entry["provider"], entry["cost_usd"]) == ("azure", "0.00375")
    assert entry["price"]["source"] == "tenant"


@pytest.mark.parametrize("late", [False, True])
def test_a_cost_of_another_model_counts_for_that_model_alone(
    direct_tenant: Tenant, memory_cloud: MemoryCloud, *, late: bool
) -> None:
    tenant = direct_tenant
    for model in (GPT, HAIKU):
        budget = {"scope": "model", "scope_id": model, "period": "month"}
        set_budget(tenant, f"of-{model}", "9", **budget)
    held = tenant.hold("1", **RUN, model=GPT)
    if late:
        tenant.release(held)

    tenant.settle(held, "0.25", model=HAIKU)

    def spent(model: str) -> tuple[str, str]:
        gates = tenant.check("0.1", **RUN, model=model).body["gates"]
        found = next(one for one in gates if one["budget_id"] == f"of-{model}")
        return found["spent_usd"], found["held_usd"]

    assert (spent(GPT), spent(HAIKU)) == (("0", "0"), ("0.25", "0"))
    assert by_name(tenant.call("model_costs").body) == {"claude-3-haiku": "0.25"}
    assert not differences(memory_cloud.rows())


def test_what_was_booked_is_answered_again_though_it_would_be_too_dear_today(
    direct_tenant: Tenant, memory_cloud: MemoryCloud
) -> None:
    memory_cloud.set_limits(**GENEROUS, entry="none")
    tenant = direct_tenant
    put(tenant, OWN, **rates("1"), **{"from": ago(hours=2)})
    most = {"model": OWN, "usage": {"input_tokens": 10**12}, "entry_id": "x", **RUN}
    first = tenant.call("record_cost", **most).body["entry"]
    estimate = {"input_tokens": 10**12, "max_output_tokens": 0}
    hold = {"model": OWN, "estimated_usage": estimate, "reservation_id": "h", **RUN}
    assert tenant.call("reserve", **hold).body["allowed"]
    put(tenant, OWN, **rates("1000000"), **{"from": ago(hours=1)})

    again = tenant.call("record_cost", **most).body["entry"]
    batch = tenant.call("record_costs", costs=[most, RUN | {"cost_usd": "1"}]).body["results"]

    assert (again["replayed"], again["cost_usd"]) == (True, first["cost_usd"])
    assert (batch[0]["entry"]["replayed"], batch[1]["entry"]["cost_usd"]) == (True, "1")
    assert tenant.call("reserve", **hold).body["replayed"]
    new = tenant.call("record_cost", **most | {"entry_id": "y"})
    assert new.refusal == ("VALIDATION_ERROR", "usage")


def test_a_usage_object_is_the_same_wherever_it_stands(direct_tenant: Tenant) -> None:
    tenant = direct_tenant
    response = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
    named = RUN | {"model": GPT, "entry_id": "same"}
    first = tenant.call("record_cost", provider_response=response, **named)
    again = tenant.call("record_cost", usage={"provider_response": response}, **named)
    assert (first.error, again.body["entry"]["replayed"]) == (None, True)


def test_a_retried_batch_stores_the_alert_that_could_not_be_stored(
    direct_tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    tenant = direct_tenant
    tenant.call("set_tenant", fallback_price=RATES, **WHO)
    costs = [RUN | {"model": "unheard-of", "usage": USAGE, "entry_id": "b1"}]
    with monkeypatch.context() as broken:
        broken.setenv("ALERTS_TABLE", "nowhere")
        assert "entry" in tenant.call("record_costs", costs=costs).body["results"][0]
    assert tenant.call("alerts").body["items"] == []

    tenant.call("record_costs", costs=costs)

    (alert,) = tenant.call("alerts").body["items"]
    assert alert["kind"] == "fallback_price_used"


def test_web_searches_may_have_a_price(direct_tenant: Tenant) -> None:
    tenant = direct_tenant
    said = {"input_tokens": 1000, "output_tokens": 500}
    response = said | {"server_tool_use": {"web_search_requests": 2}}
    call = RUN | {"model": OWN, "provider": "anthropic", "provider_response": response}
    put(tenant, OWN, **RATES)
    assert tenant.call("record_cost", **call).refusal == ("UNKNOWN_PRICE", "provider_response")
    put(tenant, OWN, **RATES, web_search_usd="0.01")
    assert tenant.call("record_cost", **call).body["entry"]["cost_usd"] == "0.026"


def test_cached_tokens_of_unsaid_modality_are_paid_in_full_and_never_refused(
    direct_tenant: Tenant,
) -> None:
    response = {
        "promptTokenCount": 1000,
        "cachedContentTokenCount": 700,
        "candidatesTokenCount": 0,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 500},
            {"modality": "AUDIO", "tokenCount": 500},
        ],
    }
    call = RUN | {"model": "gemini-2.0-flash", "provider": "google"}
    booked = direct_tenant.call("record_cost", provider_response=response, **call)
    # 500 of text at 0.10 and 500 of audio at 0.70 USD a million.
    assert booked.body["entry"]["cost_usd"] == "0.0004"
