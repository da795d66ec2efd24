"""The prices that people set, and the price of a model."""

from budget_monitor.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnknownPriceError,
)
from budget_monitor.domain.prices.rates import ALL_RATES
from budget_monitor.domain.rules.rulebook import MAX_PRICES
from budget_monitor.entrypoints.openapi import rates, shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import (
    any_of,
    inside,
    must,
    one_of,
    optional,
    read,
)
from budget_monitor.entrypoints.openapi.operations.rules import HISTORY
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    DECIMAL,
    FLAG,
    NUMBER,
    SIGNED,
    TEXT,
    TIME,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
    words,
)

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
    **rates.STANDARD,
    "discount_percent": nullable(DECIMAL),
    "ends": FLAG,
    "by": TEXT,
    "reason": TEXT,
    "version": NUMBER,
    "source": words(("tenant", "system")),
}
_MORE: dict[str, Schema] = {**rates.MORE, **rates.TIERED, **SIGNED}
_SET: dict[str, Schema] = {"tenant_id": nullable(TEXT), **_PRICE, "replayed": FLAG}
_SET_MANY: dict[str, Schema] = {
    "tenant_id": nullable(TEXT),
    "prices": list_of(ref("Price")),
    "version": NUMBER,
    "replayed": FLAG,
}

_SAID = (shared.EXPECTED_VERSION, *shared.BY_REASON, shared.KEY)
_ACME = {"tenant_id": "acme"}
_SET_BEFORE = ("set_price",)
_DISCOUNT = read("optional_amount", "discount_percent", "Percent off the published price.")
_RATES = {
    "input_usd_per_million": "0.4",
    "output_usd_per_million": "1.2",
    "from": "2026-11-01T00:00:00Z",
}

_SHEET_FIELD = inside(
    optional(
        read(
            "each",
            "prices",
            "A whole price sheet in place of one price: all of its prices are set, or none. "
            "`from` beside it is that of the prices that name none.",
            MAX_PRICES,
        )
    ),
    must(_MODEL),
    _PROVIDER,
    _FROM,
    *rates.PRICE_FIELDS,
    _DISCOUNT,
    needs=(any_of(*ALL_RATES, "discount_percent"),),
    as_type="NewPrice",
)
_OF_SHEET = {
    "from": "2026-11-01T00:00:00Z",
    "prices": [
        {
            "model": "contract-writer-70b",
            "provider": "us",
            "input_usd_per_million": "0.8",
            "output_usd_per_million": "3.2",
            "cache_read_usd_per_million": "0.08",
            "context_tiers": [{"above_input_tokens": 200000, "input_usd_per_million": "1.6"}],
            "service_tiers": {
                "batch": {"percent": "50"},
                "priority": {"input_usd_per_million": "1.4", "output_usd_per_million": "5.6"},
            },
        },
        {"model": "page-scanner", "page_usd": "0.0015", "surcharge_percent": "10"},
        {**_BEDROCK, "discount_percent": "7.5"},
    ],
}

SCHEMAS: dict[str, Schema] = {
    "Price": shape(_PRICE, _MORE),
    "PriceSheet": shape(_SHEET, shared.PRICE_DETAIL),
    **rates.SCHEMAS,
    "NewPrice": _SHEET_FIELD.inner_schema,
}

_OF_TENANT: dict[str, Declared] = {
    "set_price": Declared(
        fields=(
            shared.TENANT,
            _MODEL,
            _PROVIDER,
            _FROM,
            *rates.PRICE_FIELDS,
            _DISCOUNT,
            _SHEET_FIELD,
            *_SAID,
        ),
        needs=(
            one_of("model", "prices"),
            any_of(*ALL_RATES, "discount_percent", "prices"),
        ),
        answer={"anyOf": [shape(_SET, _MORE), shape(_SET_MANY)]},
        errors=(ConflictError, ForbiddenError),
        example=Example({**_ACME, **_READER, **_RATES, **_CONTRACT}),
        more={"set_price_sheet": Example({**_ACME, **_OF_SHEET, **_CONTRACT})},
    ),
    "delete_price": Declared(
        fields=(shared.TENANT, shared.MUST_MODEL, _PROVIDER, _FROM, *_SAID),
        answer=shape({**_SET, "deleted": FLAG}, SIGNED),
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
            },
            shared.PRICE_DETAIL,
        ),
        errors=(UnknownPriceError,),
        example=Example({"model": "gpt-4o", "provider": "openai"}),
    ),
}
