"""The prices that people set, and the price of a model."""

from budget_monitor.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnknownPriceError,
)
from budget_monitor.domain.prices import RATES
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import any_of, read
from budget_monitor.entrypoints.openapi.operations.rules import HISTORY
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    DECIMAL,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    USD,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
    words,
)

_RATES_SAY = {
    "input_usd_per_million": "USD per million input tokens.",
    "output_usd_per_million": "USD per million output tokens.",
    "cache_read_usd_per_million": "USD per million tokens read from the provider's cache.",
    "cache_write_usd_per_million": "USD per million tokens written to the provider's cache.",
    "cache_write_1h_usd_per_million": "The same, for tokens that stay there for an hour.",
    "call_usd": "USD per call.",
    "second_usd": "USD per second.",
    "web_search_usd": "USD per web search that the provider's usage object counts.",
}
RATE_FIELDS = tuple(read("optional_amount", name, _RATES_SAY[name]) for name in RATES)
_PROVIDER = read("name", "provider", "The model's provider; any provider unless given.")
_FROM = read("instant", "from", "From when on; now unless given.")
_AT = read("instant", "at", "The moment of the price; now unless given.")
_MODEL = read("name", "model", "The model's name.")
_CONTRACT = {"by": "maria", "reason": "The contract of November"}
_READER = {"model": "invoice-reader-7b"}
_BEDROCK = {"model": "*", "provider": "bedrock"}
_TIER = shape({"above_input_tokens": COUNT, "usd": DECIMAL})
_UNIT = shape({"unit": TEXT, "usd": DECIMAL, "per": NUMBER, "tiers": list_of(_TIER)})
_SHEET: dict[str, Schema] = {**shared.PRICE_ORIGIN, "unit_prices": list_of(_UNIT)}
_PRICE: dict[str, Schema] = {
    "model": TEXT,
    "provider": nullable(TEXT),
    "from": TIME,
    **dict.fromkeys(RATES, nullable(USD)),
    "discount_percent": nullable(DECIMAL),
    "ends": FLAG,
    "by": TEXT,
    "reason": TEXT,
    "version": NUMBER,
    "source": words(("tenant", "system")),
}
_SET: dict[str, Schema] = {"tenant_id": nullable(TEXT), **_PRICE, "replayed": FLAG}

SCHEMAS: dict[str, Schema] = {
    "Price": shape(_PRICE),
    "PriceSheet": shape(_SHEET),
}


_SAID = (*shared.BY_REASON, shared.KEY)
_ACME = {"tenant_id": "acme"}
_SET_BEFORE = ("set_price",)
_RATES = {
    "input_usd_per_million": "0.4",
    "output_usd_per_million": "1.2",
    "from": "2026-11-01T00:00:00Z",
}

_OF_TENANT: dict[str, Declared] = {
    "set_price": Declared(
        fields=(
            shared.TENANT,
            shared.MUST_MODEL,
            _PROVIDER,
            _FROM,
            *RATE_FIELDS,
            read("optional_amount", "discount_percent", "Percent off the published price."),
            *_SAID,
        ),
        needs=(any_of(*RATES, "discount_percent"),),
        answer=shape(_SET),
        errors=(ConflictError, ForbiddenError),
        example=Example({**_ACME, **_READER, **_RATES, **_CONTRACT}),
    ),
    "delete_price": Declared(
        fields=(shared.TENANT, shared.MUST_MODEL, _PROVIDER, _FROM, *_SAID),
        answer=shape({**_SET, "deleted": FLAG}),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_ACME, **_READER, **_CONTRACT}, after=_SET_BEFORE),
    ),
    "list_prices": Declared(
        fields=(shared.TENANT, _MODEL, _PROVIDER, _AT),
        answer=shape({"items": list_of(ref("Price")), "in_force": nullable(ref("PriceSheet"))}),
        example=Example({**_ACME, **_READER}, after=_SET_BEFORE),
    ),
    "price_history": Declared(
        fields=(shared.TENANT, _MODEL, *HISTORY),
        answer=page_of(ref("Change")),
        example=Example({**_ACME, **_READER, "limit": 50}, after=_SET_BEFORE),
    ),
}

_SET_FOR_ALL = ("set_system_price",)
_OF_SYSTEM = {
    "set_system_price": (
        "set_price",
        Example({**_BEDROCK, "discount_percent": "7.5", **_CONTRACT}),
    ),
    "delete_system_price": ("delete_price", Example({**_BEDROCK, **_CONTRACT}, after=_SET_FOR_ALL)),
    "list_system_prices": ("list_prices", Example(after=_SET_FOR_ALL)),
    "system_price_history": ("price_history", Example({"limit": 50}, after=_SET_FOR_ALL)),
}

DECLARED: dict[str, Declared] = {
    **_OF_TENANT,
    **{name: of_system(_OF_TENANT[same], one) for name, (same, one) in _OF_SYSTEM.items()},
    "get_price": Declared(
        fields=(shared.MUST_MODEL, _PROVIDER, _AT),
        answer=shape(
            {
                **_SHEET,
                "model": TEXT,
                "matched_model": nullable(TEXT),
                "matched_provider": nullable(TEXT),
                "at": TIME,
            }
        ),
        errors=(UnknownPriceError,),
        example=Example({"model": "gpt-4o", "provider": "openai"}),
    ),
}
