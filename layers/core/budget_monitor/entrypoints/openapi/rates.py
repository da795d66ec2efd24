"""Unit prices in requests and answers."""

from budget_monitor.domain.prices.rates import (
    ABOVE,
    ALL_RATES,
    CONTEXT_TIERS,
    PERCENT,
    RATES,
    SERVICE_TIERS,
    SURCHARGE,
)
from budget_monitor.entrypoints.budgeting.rate_fields import MAX_CONTEXT_TIERS, TIERS
from budget_monitor.entrypoints.openapi.fields import any_of, inside, must, optional, read
from budget_monitor.entrypoints.openapi.schemas import NUMBER, USD, Schema, list_of, nullable, shape

_SAYS = {
    "input_usd_per_million": "USD per million input tokens.",
    "output_usd_per_million": "USD per million output tokens.",
    "cache_read_usd_per_million": "USD per million tokens read from the provider's cache.",
    "cache_write_usd_per_million": "USD per million tokens written to the provider's cache.",
    "cache_write_1h_usd_per_million": "The same, for tokens that stay there for an hour.",
    "call_usd": "USD per call.",
    "second_usd": "USD per second.",
    "web_search_usd": "USD per web search that the provider's usage object counts.",
    "input_audio_usd_per_million": "USD per million input tokens that are audio.",
    "output_audio_usd_per_million": "USD per million output tokens that are audio.",
    "cache_audio_read_usd_per_million": "USD per million audio tokens read from the cache.",
    "input_image_usd_per_million": "USD per million input tokens that are images.",
    "output_image_usd_per_million": "USD per million output tokens that are images.",
    "input_video_usd_per_million": "USD per million input tokens that are video.",
    "output_reasoning_usd_per_million": "USD per million output tokens that are reasoning.",
    "generated_image_usd": "USD per image that is generated.",
    "input_image_usd": "USD per image that goes in.",
    "page_usd": "USD per page of a document.",
    "annotated_page_usd": "USD per page of a document that is annotated.",
    "characters_usd_per_million": "USD per million characters that go in.",
    "file_search_usd": "USD per search of stored files.",
    "rerank_search_usd": "USD per search unit of a reranker.",
    "social_search_usd": "USD per search of social networks.",
    "map_search_usd": "USD per query of a map.",
    "search_source_usd": "USD per source that a search uses.",
    "code_execution_usd": "USD per run of code.",
    "classification_usd": "USD per classification.",
}
RATE_FIELDS = tuple(read("optional_amount", name, _SAYS[name]) for name in ALL_RATES)
"""The unit prices."""

_CONTEXT = inside(
    optional(
        read(
            "each",
            CONTEXT_TIERS,
            "Prices of long calls. A tier's prices hold for all tokens of a call with more input "
            "tokens than it names; each needs a standard price.",
            MAX_CONTEXT_TIERS,
        )
    ),
    must(read("count", ABOVE, "The tier holds above so many input tokens.", 1)),
    *RATE_FIELDS,
    as_type="ContextTier",
)
_TIER = inside(
    read("inner", TIERS[0], ""),
    read(
        "optional_amount",
        PERCENT,
        "So many percent of the standard prices, from 0 to 1000; in place of unit prices.",
    ),
    *RATE_FIELDS,
    needs=(any_of(PERCENT, *ALL_RATES),),
    as_type="ServiceTier",
)
_TIERS = inside(
    read(
        "inner",
        SERVICE_TIERS,
        "Prices of service tiers, speeds and places. A call in a tier that is not named has no "
        "price of these.",
    ),
    *(
        inside(
            read("inner", name, f"Prices of calls in `{name}`."),
            *_TIER.of,
            needs=_TIER.needs,
            as_type=_TIER.as_type,
        )
        for name in TIERS
    ),
    as_type="ServiceTiers",
)
PRICE_FIELDS = (
    *RATE_FIELDS,
    _CONTEXT,
    _TIERS,
    read(
        "optional_amount", SURCHARGE, "Percent that is added to every unit price, from 0 to 1000."
    ),
)
"""The unit prices with those of long calls and of service tiers."""

_SOME: dict[str, Schema] = dict.fromkeys(ALL_RATES, USD)
STANDARD: dict[str, Schema] = dict.fromkeys(RATES, nullable(USD))
"""The unit prices that every answer names."""
MORE: dict[str, Schema] = {name: USD for name in ALL_RATES if name not in RATES}
"""Those that an answer contains only if they are set."""
TIERED: dict[str, Schema] = {
    CONTEXT_TIERS: list_of(shape({ABOVE: NUMBER}, _SOME)),
    SERVICE_TIERS: shape({}, dict.fromkeys(TIERS, shape({}, {PERCENT: USD, **_SOME}))),
    SURCHARGE: USD,
}

SCHEMAS: dict[str, Schema] = {
    one.as_type: one.inner_schema for one in (_CONTEXT, _TIER, _TIERS) if one.as_type is not None
}
