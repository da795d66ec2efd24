"""Requests with the fields inside of fields that no example of the OpenAPI document gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from budget_monitor.entrypoints.budgeting.rate_fields import TIERS

_ACME, _WHY = {"tenant_id": "acme"}, {"by": "maria", "reason": "All fields are read"}
_RUN = {"agent_execution_id": "run-7", "model": "gpt-4o", "provider": "openai"}
_PYDANTIC_AI = {"usage": {"input_tokens": 12, "output_tokens": 3, "details": {}}}
_PRICE = {
    "model": "invoice-reader-7b",
    "input_usd_per_million": "1",
    "context_tiers": [{"above_input_tokens": 1000, "input_usd_per_million": "2"}],
    "service_tiers": {name: {"percent": "50"} for name in TIERS},
}
_PRICES = ({**_PRICE, **_WHY}, {"prices": [_PRICE], **_WHY})

_BUDGET = {"scope": "agent", "scope_id": "reviewer", "period": "day", **_WHY}
_TOKENS = {**_BUDGET, "budget_id": "tokens", "limit_tokens": 1000, "limit_calls": 10}
_KINDS = {
    **_BUDGET,
    "budget_id": "kinds",
    "limit_tokens": {"total": 1000},
    "downgrade": [{"model": "gpt-4o-mini"}],
}

FULLER: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "record_cost": ({**_ACME, **_RUN, **_PYDANTIC_AI},),
    "record_costs": (
        {**_ACME, "costs": [{**_RUN, **_PYDANTIC_AI}]},
        {**_ACME, "costs": [_RUN], "backfill": True, **_WHY},
    ),
    "settle": ({**_ACME, "reservation_id": "hold-7", **_PYDANTIC_AI},),
    "draw": tuple(
        {**_ACME, "reservation_id": "hold-7", **one}
        for one in (_PYDANTIC_AI, {"usage": {"calls": 1}})
    ),
    "quote": ({**_ACME, **_RUN, **_PYDANTIC_AI}, {**_ACME, **_RUN, "usage": {"calls": 1}}),
    "set_budget": ({**_ACME, **_TOKENS},),
    "set_system_budget": (_TOKENS, _KINDS),
    "update_budget": tuple({**_ACME, **one} for one in (_TOKENS, _KINDS)),
    "update_system_budget": (_TOKENS, _KINDS),
    "set_price": tuple({**_ACME, **one} for one in _PRICES),
    "set_system_price": _PRICES,
}
