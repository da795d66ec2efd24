"""The names of counts in usage objects, and the unit that each of them counts.

One table for all providers and frameworks: names are compared in snake case, so Google's
`promptTokenCount` and its Python library's `prompt_token_count` are the same name. A name that
is in no table is not understood, and a non-zero count under it is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

INPUT, OUTPUT, TOTAL = "input_tokens", "output_tokens", "total_tokens"
READ, WRITE = "cache_read_tokens", "cache_write_tokens"
WRITE_5M, WRITE_1H = "cache_write_5m_tokens", "cache_write_1h_tokens"
REASONING = "output_reasoning_tokens"
TOOL, CITATION = "input_tool_tokens", "output_citation_tokens"
FRESH = "fresh_input_tokens"
"""Input tokens that were not cached, if an object has them beside the whole."""
HARMLESS = "harmless"
"""A count that costs nothing: times, repeated sums, parts without a price."""
CALLS_SUMMED = "calls_summed"
"""Number of requests that an object sums."""

INSIDE, APART, OPEN = "inside", "apart", "open"
"""Whether cached tokens are part of the input beside them; OPEN: the name does not say."""

_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_PREFIXES = ("gen_ai.usage.", "llm.token_count.", "ai.usage.", "x-amzn-bedrock-")
_OTEL = "gen_ai.usage."


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name counts: `unit`, and the units that its count is added to."""

    unit: str
    adds_to: tuple[str, ...] = ()
    style: str = OPEN


def snake(name: str) -> str:
    """The name in snake case, without the prefixes of telemetry and of headers."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    plain = _CAMEL.sub(r"_\1", name).lower()
    plain = re.sub(r"[-. ]", "_", plain)
    return plain.replace("_token_count", "_tokens") if plain != "token_count" else "tokens"


def _all(unit: str, *names: str, style: str = OPEN, adds_to: str = "") -> dict[str, Meaning]:
    added = (adds_to,) if adds_to else ()
    return dict.fromkeys(names, Meaning(unit, added, style))


_TOP: Mapping[str, Meaning] = {
    **_all(INPUT, "input_tokens", "prompt_tokens", "input", "prompt", "total_input_tokens"),
    **_all(INPUT, "prompt_eval_count", "num_prompt_tokens", "num_input_tokens", "total_input"),
    **_all(OUTPUT, "output_tokens", "completion_tokens", "output", "completion"),
    **_all(OUTPUT, "candidates_tokens", "response_tokens", "eval_count", "generation_tokens"),
    **_all(OUTPUT, "total_output_tokens", "generated_tokens", "num_output_tokens"),
    **_all(TOTAL, "total_tokens", "total", "total_tokens_used"),
    **_all(READ, "cache_read_input_tokens", "input_cached_tokens", style=APART),
    **_all(READ, "input_cache_read", "input_cache_read_tokens", style=APART),
    **_all(READ, "cached_tokens", "cached_prompt_tokens", "cached_content_tokens", style=INSIDE),
    **_all(READ, "prompt_cache_hit_tokens", "cached_prompt_text_tokens", style=INSIDE),
    **_all(READ, "total_cached_tokens", "num_cached_tokens", style=INSIDE),
    **_all(READ, "cache_read_tokens", "cached_input_tokens", "cache_read"),
    **_all(WRITE, "cache_creation_input_tokens", "cache_write_input_tokens", style=APART),
    **_all(WRITE, "input_cache_creation", "input_cache_write_tokens", style=APART),
    **_all(WRITE, "cache_write_tokens", "cache_creation_tokens", "cache_write", "cache_creation"),
    **_all(WRITE_5M, "cache_write_5m_tokens"),
    **_all(WRITE_1H, "cache_write_1h_tokens"),
    **_all(FRESH, "prompt_cache_miss_tokens"),
    **_all(REASONING, "reasoning_tokens", "reasoning_output_tokens", "thinking_tokens"),
    **_all(REASONING, "output_reasoning_tokens", "reasoning"),
    **_all(REASONING, "thoughts_tokens", "total_thought_tokens", adds_to=OUTPUT),
    **_all(TOOL, "tool_use_prompt_tokens", "total_tool_use_tokens", adds_to=INPUT),
    **_all(CITATION, "citation_tokens", adds_to=OUTPUT),
    **_all("web_searches", "num_search_queries", "web_searches", "web_search_requests"),
    **_all("web_searches", "web_search_calls", "web_search_queries"),
    **_all("search_sources", "num_sources_used"),
    **_all("social_searches", "social_searches", "x_search_calls"),
    **_all("storage_searches", "storage_searches", "file_search_calls", "file_search_requests"),
    **_all("storage_searches", "document_search_calls", "collections_search_calls"),
    **_all("code_executions", "code_executions", "code_execution_requests"),
    **_all("code_executions", "code_interpreter_calls", "code_execution_calls"),
    **_all("rerank_searches", "rerank_searches", "search_units"),
    **_all("classifications", "classifications"),
    **_all("images", "images", "image_count", "num_images", "generated_images"),
    **_all("audio_seconds", "seconds", "audio_seconds", "billable_audio_seconds"),
    **_all("input_audio_seconds", "input_audio_seconds", "prompt_audio_seconds"),
    **_all("output_audio_seconds", "output_audio_seconds"),
    **_all("input_document_pages", "pages_processed", "input_document_pages", "pages"),
    **_all("input_annotated_document_pages", "input_annotated_document_pages"),
    **_all("input_characters", "input_characters", "character_count", "characters"),
    **_all("input_text_messages", "input_text_messages"),
    **_all("input_pixels", "input_pixels"),
    **_all(CALLS_SUMMED, "requests", "successful_requests", "num_turns", "num_requests"),
}
"""Names that stand directly in a usage object."""

_PART = {
    **dict.fromkeys(("text_tokens", "text", "text_prompt_tokens"), "text"),
    **dict.fromkeys(("audio_tokens", "audio", "speech_tokens", "speech"), "audio"),
    **dict.fromkeys(("image_tokens", "image", "document"), "image"),
    **dict.fromkeys(("video_tokens", "video"), "video"),
}
_CACHED_IN = {
    **dict.fromkeys(("cached_tokens", "cache_read", "cache_read_tokens", "cached"), READ),
    **dict.fromkeys(("cache_read_input_tokens", "cached_input_tokens"), READ),
    **dict.fromkeys(("cache_write_tokens", "cache_creation", "cache_creation_tokens"), WRITE),
    **dict.fromkeys(("cache_write", "cache_creation_input_tokens"), WRITE),
    **dict.fromkeys(("cache_write_input_tokens",), WRITE),
    **dict.fromkeys(("no_cache_tokens", "no_cache", "uncached_tokens"), FRESH),
}
_LIFE = {
    **dict.fromkeys(("ephemeral_5m_input_tokens", "5m", "ephemeral_5m"), WRITE_5M),
    **dict.fromkeys(("ephemeral_1h_input_tokens", "1h", "ephemeral_1h"), WRITE_1H),
}
_REASONED = ("reasoning_tokens", "reasoning", "thinking_tokens", "thoughts_tokens", "thinking")
_PREDICTED = ("accepted_prediction_tokens", "rejected_prediction_tokens")
"""Parts of the completion tokens, at their price (OpenAI guide, "Predicted Outputs")."""

_IN = {
    *("prompt_tokens_details", "prompt_token_details", "input_tokens_details", "prompt_details"),
    *("input_token_details", "input_details", "input_tokens_by_modality", "input_tokens", "input"),
}
_OUT = {
    *("completion_tokens_details", "completion_token_details", "output_tokens_details"),
    *("output_token_details", "output_details", "candidates_tokens_details", "completion_details"),
    *("response_tokens_details", "output_tokens_by_modality", "output_tokens", "output"),
}
_CACHE = {"cache_tokens_details", "cached_tokens_details", "cached_tokens_by_modality"}
_TOOLS = {"tool_use_prompt_tokens_details", "tool_use_tokens_by_modality"}
_LIVES = {"cache_creation", "cache_creation_token_details", "cache_details"}
_COUNTERS = {
    *("server_tool_use", "server_tool_usage", "server_side_tool_usage_details", "tool_usage"),
    *("tool_calls_details", "server_side_tool_usage"),
}
CONTAINERS = {*_IN, *_OUT, *_CACHE, *_TOOLS, *_LIVES, *_COUNTERS} - {"input", "output"}
"""Names that contain the parts of a count; anything else there is damage."""
_CALLED = {
    **_all("web_searches", "web_search_requests", "web_search", "search_web", "web_search_calls"),
    **_all("storage_searches", "file_search", "file_search_calls", "file_search_requests"),
    **_all("social_searches", "x_search", "x_search_calls"),
    **_all("code_executions", "code_execution_requests", "code_interpreter", "code_execution"),
    **_all(HARMLESS, "web_fetch_requests", "tool_search_requests", "fetch_url", "mcp_calls"),
}
_INVOKED = {"num_requests", "invocation", "requests", "count"}
_UNIT = re.compile(
    r"(input|output)_(text|audio|image|video)(_(tool|reasoning|citation))?_tokens"
    r"|cache_(text|audio|image|video)_(read|write)(_5m|_1h)?_tokens"
)
_DETAIL = re.compile(r"(text|audio|image|video)_(prompt|candidates|cache)_tokens")
_TIMES = re.compile(
    r"(^|_)(time|latency|duration|ms|seconds_taken|ttft|timestamp|created|created_at|per_second"
    r"|throughput|index|version|window|max_output_tokens|max_tokens|limit|ttl|size_bytes|bytes)$"
)
_NO_COUNT = {
    *("cost", "cost_details", "is_byok", "cost_usd", "total_cost", "total_cost_usd"),
    *(
        "cost_in_usd_ticks",
        "costusd",
        "cost_u_s_d",
        "total_cents",
        "response_cost",
        "cost_in_nano_usd",
    ),
    *("tool_calls", "mcp_calls", "web_fetch_requests"),
    *("id", "queue_time", "image_pixels", "context_window", "model_context_window"),
    *("num_server_side_tools_used", "citation_count", "search_context_size"),
    *("invocation_latency", "first_byte_latency", "prompt_eval_duration", "eval_duration"),
}


def is_unit(name: str) -> bool:
    """True if it is one of the price list's own units of tokens of one kind."""
    return _UNIT.fullmatch(name) is not None


def meaning(path: tuple[str, ...]) -> Meaning | None:
    """What a count at this path of a usage object means; None: unknown."""
    names = [snake(one) for one in path]
    last = names[-1]
    if len(path) == 1:
        return _of_top(path[0], last)
    if any(name in _NO_COUNT for name in names):
        return Meaning(HARMLESS)
    holder = next((one for one in reversed(names[:-1]) if _known(one)), None)
    return _of_part(holder, last, names) if holder else _of_time(last)


def _of_top(name: str, plain: str) -> Meaning | None:
    if name == "inputTextTokenCount":  # Titan's; elsewhere it is a part
        return Meaning(INPUT)
    found = Meaning(plain, style=INSIDE) if is_unit(plain) else _TOP.get(plain)
    if found and (name.startswith(_OTEL) or name == "cached_input_tokens"):
        return Meaning(found.unit, found.adds_to, INSIDE)  # OpenTelemetry, and Codex
    return found or _of_time(plain)


def _of_time(name: str) -> Meaning | None:
    return Meaning(HARMLESS) if name in _NO_COUNT or _TIMES.search(name) else None


def _known(name: str) -> bool:
    return name in CONTAINERS or name in {"input", "output", "details"}


def _of_part(holder: str, last: str, names: list[str]) -> Meaning | None:
    if holder == "details":
        return _of_details(last)
    if holder in _COUNTERS:
        called = names[-2] if last in _INVOKED and len(names) > 2 else last  # noqa: PLR2004
        known = _CALLED.get(called) or _TOP.get(called)
        return known if known and known.unit not in {INPUT, OUTPUT, TOTAL} else None
    if holder in _LIVES:
        life = next((_LIFE[one] for one in names if one in _LIFE), None)
        return Meaning(life) if life else None
    kind = next((_PART[one] for one in (last, *names[-2:-1]) if one in _PART), None)
    return _of_side(holder, last, kind)


def _of_side(holder: str, last: str, kind: str | None) -> Meaning | None:
    """Return the meaning of a part of the input or the output, by its kind."""
    if holder in _IN:
        return _of_input(last, kind)
    if holder in _OUT:
        return _of_output(last, kind)
    if kind is None:
        return None
    if holder in _CACHE:
        return Meaning(f"cache_{kind}_read_tokens")
    return Meaning(f"input_{kind}_tool_tokens", (f"input_{kind}_tokens",))


def _of_details(last: str) -> Meaning | None:
    """What pydantic-ai keeps of the provider's own counts: its sums say the tokens again."""
    found = _TOP.get(last)
    if found is None:
        part = _DETAIL.fullmatch(last)
        side = {"prompt": "input_{}_tokens", "candidates": "output_{}_tokens"}
        form = side.get(part[2], "cache_{}_read_tokens") if part else None
        return Meaning(form.format(part[1]), style=INSIDE) if part and form else _of_time(last)
    return Meaning(HARMLESS) if found.unit in {INPUT, OUTPUT, TOTAL} else Meaning(found.unit)


def _of_input(last: str, kind: str | None) -> Meaning | None:
    if last in _CACHED_IN:
        return Meaning(_CACHED_IN[last], style=INSIDE)
    if last in _LIFE:
        return Meaning(_LIFE[last], style=INSIDE)
    if last in {"total", "tokens"} and kind is None:
        return Meaning(INPUT)
    if kind:
        return Meaning(f"input_{kind}_tokens")
    return _CALLED.get(last)


def _of_output(last: str, kind: str | None) -> Meaning | None:
    if last in _REASONED:
        return Meaning(REASONING, style=INSIDE)
    if last in {"total", "tokens"} and kind is None:
        return Meaning(OUTPUT)
    if kind:
        return Meaning(f"output_{kind}_tokens")
    return Meaning(HARMLESS) if last in _PREDICTED else None
