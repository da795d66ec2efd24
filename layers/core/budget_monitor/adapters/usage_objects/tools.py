"""Use of tools in an answer, outside its usage object: searches, code, images, sound.

Sources: OpenAI guide "Web search" (only the action `search` is billed) and API reference "The
response object"; Gemini API docs "Grounding with Google Search" (Gemini 3 bills each unique
query, older models each grounded prompt); Groq API reference "Create transcription".
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from budget_monitor.adapters.usage_objects.leaves import is_count

_CALLED = {
    "file_search_call": "storage_searches",
    "code_interpreter_call": "code_executions",
    "image_generation_call": "generated_images",
}
_WEB, _FREE_ACTIONS = "web_search_call", ("open_page", "find", "find_in_page")
_ONCE_A_PROMPT = ("gemini-1", "gemini-2")
"""Models that bill a grounded prompt once, however many queries it made."""


def shown(answer: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    """The units of tools that the content of an answer shows."""
    counts = Counter[str]()
    for item in _mappings(answer.get("output")):
        counts += _called(item)
    for candidate in _mappings(answer.get("candidates")):
        counts += _grounded(candidate, model or "")
    return {**counts, **_heard(answer)}


def _called(item: Mapping[str, Any]) -> Counter[str]:
    """What one item of OpenAI's output was: a call of a tool that costs money, or not."""
    kind = item.get("type")
    if kind == _WEB:
        action = item.get("action")
        done = action.get("type") if isinstance(action, Mapping) else None
        return Counter() if done in _FREE_ACTIONS else Counter(web_searches=1)
    return Counter([_CALLED[kind]] if isinstance(kind, str) and kind in _CALLED else [])


def _grounded(candidate: Mapping[str, Any], model: str) -> Counter[str]:
    """The queries of a grounded answer, as the model bills them."""
    found = candidate.get("groundingMetadata", candidate.get("grounding_metadata"))
    if not isinstance(found, Mapping):
        return Counter()
    asked = found.get("webSearchQueries", found.get("web_search_queries")) or ()
    queries = {one for one in asked if isinstance(one, str) and one.strip()}
    once = model.casefold().rpartition("/")[2].startswith(_ONCE_A_PROMPT)
    places = [one for one in _mappings(found.get("groundingChunks")) if "maps" in one]
    searches = min(len(queries), 1) if once else len(queries)
    return Counter(web_searches=searches, map_searches=min(len(places), 1))


def _heard(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The seconds of a transcription, if no usage object has them."""
    length, told = answer.get("duration"), answer.get("usage")
    spoken = answer.get("task") in ("transcribe", "translate") or "text" in answer
    return {"audio_seconds": length} if spoken and is_count(length) and not told else {}


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    return (
        (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else iter(())
    )
