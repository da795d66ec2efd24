"""Prices on the deployed template: each function may read what it needs to price, and no more."""

from __future__ import annotations

import json
import uuid

from tests.support.docs.pages import titled
from tests.support.end_to_end.guard import Guard


def test_reprice_shows_what_the_docs_say_and_books_it_on_request(guard: Guard) -> None:
    order = json.loads(titled("reprice: request"))
    said = json.loads(titled("reprice: answer"))
    order |= {
        "tenant_id": guard.tenant,
        "from": "2026-01-01T00:00:00Z",
        "to": "2099-01-01T00:00:00Z",
    }
    cost = {"entry_id": "run-9.write", "agent_execution_id": "run-9", "model": "gpt-4o"}
    api, tenant = guard.deployed.api, f"/tenants/{guard.tenant}"
    booked = api.post(f"{tenant}/costs", cost | {"usage": {"input_tokens": 1_000_000}})
    assert booked.body["entry"]["cost_usd"] == "2.5"
    price = {"model": "gpt-4o", "input_usd_per_million": "2", "from": "2026-01-01T00:00:00Z"}
    set_price = {"operation": "set_price", "tenant_id": guard.tenant, "by": "maria", "reason": "x"}
    assert guard.invoke("BudgetingFunction", **set_price, **price)["version"] == 1

    shown = guard.invoke("TrackingFunction", **order)
    done = guard.invoke("TrackingFunction", **order, dry_run=False)

    (item,) = shown["items"]
    (expected,) = said.pop("items")
    assert said.items() <= shown.items()
    assert expected.items() <= item.items()
    assert done["difference_usd"] == "-0.5"
    guard.assert_the_books_balance("2", entries=1)


def test_a_fallback_price_alerts(guard: Guard) -> None:
    model, tenant = f"model-{uuid.uuid4().hex[:6]}", f"/tenants/{guard.tenant}"
    fallback = {"input_usd_per_million": "3", "output_usd_per_million": "15"}
    settings = {"operation": "set_tenant", "tenant_id": guard.tenant, "by": "maria", "reason": "x"}
    guard.invoke("BudgetingFunction", **settings, fallback_price=fallback)
    cost = {"agent_execution_id": "run-1", "model": model, "usage": {"input_tokens": 1000}}

    entry = guard.deployed.api.post(f"{tenant}/costs", cost).body["entry"]

    assert (entry["cost_usd"], entry["flags"]) == ("0.003", ["fallback_price"])
    (alert,) = guard.deployed.api.get(f"{tenant}/alerts")["items"]
    assert (alert["kind"], alert["scope_id"]) == ("fallback_price_used", model)
