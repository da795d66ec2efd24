"""The request fields that say what a call cost and consumed."""

from budget_monitor.domain.costs.usage import COUNTED, PROVIDER, RESPONSE, SECONDS
from budget_monitor.entrypoints.door.cost_fields import (
    CONVENTIONS,
    MAX_OUTPUT,
    MAX_RESPONSE_BYTES,
)
from budget_monitor.entrypoints.openapi.fields import any_of, inside, or_as, read

_COUNTS = {
    "input_tokens": "Tokens that went in.",
    "output_tokens": "Tokens that came out.",
    "cache_read_tokens": "Input tokens read from the provider's cache, as the provider counts.",
    "cache_write_tokens": "Input tokens written to the provider's cache.",
    "cache_write_1h_tokens": "Those of them that stay in the cache for an hour.",
    "input_audio_tokens": "Those input tokens that are audio.",
    "output_audio_tokens": "Those output tokens that are audio.",
    "cache_audio_read_tokens": "Those tokens read from the cache that are audio.",
    "input_image_tokens": "Those input tokens that are images.",
    "output_image_tokens": "Those output tokens that are images.",
    "cache_image_read_tokens": "Those tokens read from the cache that are images.",
    "input_video_tokens": "Those input tokens that are video.",
    "output_video_tokens": "Those output tokens that are video.",
    "output_reasoning_tokens": "Those output tokens that are reasoning.",
    "web_searches": "Web searches.",
    "social_searches": "Searches of social networks.",
    "storage_searches": "Searches of stored files.",
    "rerank_searches": "Search units of a reranker.",
    "map_searches": "Queries of a map.",
    "code_executions": "Runs of code.",
    "search_sources": "Sources that a search used.",
    "generated_images": "Images that were generated.",
    "images": "Images that went in, for what is paid by the image.",
    "classifications": "Classifications.",
    "input_characters": "Characters that went in, for what is paid by the character.",
    "input_document_pages": "Pages of documents that went in.",
    "input_annotated_document_pages": "Those pages that were annotated.",
    "calls": "Calls of a tool that is paid by the call.",
}
_SECONDS = read("optional_amount", SECONDS, "Seconds, for what is paid by time.")
_RESPONSE = read(
    "document",
    RESPONSE,
    "The provider's usage object, as it came, or the answer that has it.",
    MAX_RESPONSE_BYTES,
)
_PYDANTIC_AI = {"properties": {"details": {"type": "object"}}, "required": ["details"]}
_USAGE = or_as(
    inside(
        read(
            "inner",
            "usage",
            "What the call consumed; the cost is computed from it. An object with `details` is "
            "read as the usage object of pydantic-ai.",
        ),
        *(read("count", name, _COUNTS[name]) for name in COUNTED),
        _SECONDS,
        _RESPONSE,
    ),
    "document",
    MAX_RESPONSE_BYTES,
    needs=(_PYDANTIC_AI,),
)
TERMS = (
    read(
        "name",
        "service_tier",
        "The provider's service tier, for example `flex` or `priority`. The tier's own prices "
        "hold; a tier without a known price has none.",
    ),
    read("truth", "batch", "True: the provider's prices of batch calls hold."),
)
COST_FIELDS = (
    read("optional_amount", "cost_usd", "The cost. A cost that is given is never repriced."),
    _USAGE,
    _RESPONSE,
    *TERMS,
    read(
        "choice",
        "usage_convention",
        "How `usage` counts cached tokens: as the model's provider counts them, or `inclusive`: "
        "always within `input_tokens`. Unless given: as the object shows, else as the provider.",
        CONVENTIONS,
    ),
    read(
        "name",
        "provider_request_id",
        "The provider's id of the call, to compare with its bill; else the object's.",
    ),
    read(
        "choice",
        "trust",
        "`provider`: book the cost that the usage object shows, not the computed one.",
        (PROVIDER,),
    ),
    read("count", "tokens", "The tokens of the call, where `usage` does not say them."),
    read("instant", "occurred_at", "When the cost occurred; now unless given."),
)
COST_NEEDS = any_of("cost_usd", "usage", RESPONSE)

_ESTIMATED = {
    **_COUNTS,
    MAX_OUTPUT: "The most tokens that the model may write.",
    "output_tokens": f"The same; send it or `{MAX_OUTPUT}`.",
}
ESTIMATE_FIELDS = (
    read("optional_amount", "estimated_cost_usd", "The most that the call may cost."),
    *TERMS,
    inside(
        read(
            "inner",
            "estimated_usage",
            "What the call may consume at most. It is priced, unless the cost is given, too.",
        ),
        *(
            read("count", name, _ESTIMATED[name])
            for name in (
                *("input_tokens", MAX_OUTPUT, "output_tokens"),
                *("cache_read_tokens", "cache_write_tokens"),
            )
        ),
        read("count", "calls", _COUNTS["calls"]),
        _SECONDS,
    ),
)
ESTIMATE_NEEDS = any_of("estimated_cost_usd", "estimated_usage")
