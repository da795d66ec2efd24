"""What a call would cost, and which models have a price."""

from budget_monitor.domain.errors import UnknownPriceError
from budget_monitor.entrypoints.openapi import shared, usage
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import inside, must, read
from budget_monitor.entrypoints.openapi.operations.costs import COST, COST_NEEDS
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    DAY,
    FLAG,
    TEXT,
    USD,
    Schema,
    list_of,
    nullable,
    ref,
    shape,
)
from budget_monitor.entrypoints.reporting.prices import MAX_NAMES

_ACME = {"tenant_id": "acme"}
_PROVIDER = read("name", "provider", "The model's provider.")
_NOT_KEPT = read(
    "idempotency_key",
    "idempotency_key",
    "Accepted, so that the body can be that of `record_cost`; a quote remembers nothing.",
)

SCHEMAS: dict[str, Schema] = {}

DECLARED: dict[str, Declared] = {
    "quote": Declared(
        fields=(shared.TENANT, *COST, shared.INCLUDE_GATES, _NOT_KEPT),
        needs=COST_NEEDS,
        answer=shape(
            {
                "cost_usd": USD,
                "price": nullable(ref("Quote")),
                **dict.fromkeys(("tokens", "input_tokens", "output_tokens"), COUNT),
                "model": nullable(TEXT),
                "provider": nullable(TEXT),
                **shared.OF_CALL,
                "price_differs": FLAG,
                "warnings": list_of(TEXT),
            }
        ),
        errors=(UnknownPriceError,),
        example=Example(
            {
                **_ACME,
                "agent_execution_id": "run-7",
                "model": "gpt-4o",
                "provider": "openai",
                "service_tier": "priority",
                "provider_response": {
                    "usage": {
                        "prompt_tokens": 2006,
                        "completion_tokens": 300,
                        "total_tokens": 2306,
                        "prompt_tokens_details": {"cached_tokens": 1920},
                    }
                },
            }
        ),
    ),
    "match_prices": Declared(
        fields=(
            shared.TENANT,
            inside(
                read("each", "names", "The models, with the terms of their calls.", MAX_NAMES),
                must(read("name", "model", "The model's name.")),
                *usage.TERMS,
                _PROVIDER,
            ),
        ),
        answer=shape(
            {
                "items": list_of(
                    shape(
                        {
                            "model": TEXT,
                            "provider": nullable(TEXT),
                            "known": FLAG,
                            "price": nullable(ref("PriceSheet")),
                            "why": {
                                **nullable(TEXT),
                                "description": "Why the name has no price.",
                            },
                        }
                    )
                )
            }
        ),
        example=Example(
            {
                **_ACME,
                "names": [
                    {"model": "gpt-4o", "provider": "openai"},
                    {"model": "claude-opus-5", "provider": "anthropic", "batch": True},
                    {"model": "gemini-2.5-pro-ultra", "provider": "google"},
                ],
            }
        ),
    ),
    "price_models": Declared(
        fields=(read("name", "provider", "Only the models of this provider."),),
        answer=shape(
            {
                "version": TEXT,
                "dated": DAY,
                "items": list_of(shape({"provider": TEXT, "model": TEXT, "has_tiers": FLAG})),
            }
        ),
        example=Example({"provider": "deepseek"}),
    ),
}
