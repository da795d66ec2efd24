"""Prices in tests: set prices, and record calls that use them."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, Door
from tests.support.rules.governing import WHO

OWN = "our-own-7b"
PROFILE = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a1b2c3d4e5f6"
RATES: dict[str, Any] = {"input_usd_per_million": "2", "output_usd_per_million": "8"}
USAGE = {"input_tokens": 1000, "output_tokens": 500}
NONE_KNOWN = ("UNKNOWN_PRICE", "usage")
# Cost of USAGE for these models at the published prices of genai-prices.
GPT, HAIKU = "gpt-4o", "claude-3-haiku-20240307"
PUBLISHED = {GPT: "0.0075", HAIKU: "0.000875"}


def rates(number: str) -> dict[str, str]:
    """Return rates: input in USD per million tokens, output free. USAGE costs 1/1000 of that."""
    return {"input_usd_per_million": number, "output_usd_per_million": "0"}


def put(tenant: Tenant, model: str, **fields: Any) -> Answer:
    """Set a tenant's price."""
    return tenant.call("set_price", model=model, **WHO | fields)


def put_system(door: Door, model: str, **fields: Any) -> Answer:
    """Set a price for every tenant."""
    return door.call("set_system_price", model=model, **WHO | fields)


def delete(tenant: Tenant, model: str, **fields: Any) -> Answer:
    """Delete a tenant's price."""
    return tenant.call("delete_price", model=model, **WHO | fields)


def record(tenant: Tenant, model: str | None, **fields: Any) -> Answer:
    """Book a call by its usage."""
    given = {"agent_execution_id": "run-1", "usage": USAGE, "model": model} | fields
    return tenant.call("record_cost", **given)


def cost(tenant: Tenant, model: str | None = GPT, **fields: Any) -> str:
    """Record a call, which must succeed. Return its cost in USD."""
    return str(record(tenant, model, **fields).body["entry"]["cost_usd"])


def source(tenant: Tenant, model: str, **fields: Any) -> str:
    """Record a call. Return the source of its price."""
    return str(record(tenant, model, **fields).body["entry"]["price"]["source"])
