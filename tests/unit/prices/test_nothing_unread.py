"""Nothing unread: a non-zero count that nobody knows is refused, never left out."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.adapters.usage_objects.names import CONTAINERS, meaning, snake
from budget_monitor.domain.accounting.labels import Labels
from tests.support.paths import ROOT
from tests.support.thorough import size

LIST = PublishedPrices()
OBJECTS = ROOT / "tests" / "behaviour" / "prices" / "data" / "usage-objects.jsonl"
CASES: list[dict[str, Any]] = [
    json.loads(line, parse_float=Decimal) for line in OBJECTS.read_text().splitlines()
]
USAGES = {"usage", "usageMetadata", "usage_metadata", "billed_units", "server_tool_use"}
WORDS = st.sampled_from(
    ["cache", "image", "audio", "search", "tool", "vision", "frames", "deep", "render", "quantum"]
)
TAILS = st.sampled_from(["_tokens", "_requests", "Count", "_units", "_calls", "_searches"])
NAMES = st.builds(lambda a, b, c: f"{a}_{b}{c}", WORDS, WORDS, TAILS)


def usages(value: dict[str, Any], *, within: bool = False) -> Iterator[dict[str, Any]]:
    """The usage objects in it: those under their names, or the whole where there is none."""
    for name, inner in value.items():
        if isinstance(inner, dict) and name in USAGES:
            yield inner
            yield from usages(inner, within=True)
        elif isinstance(inner, dict) and name not in {"output", "input"}:
            yield from usages(inner, within=within)


def read(case: dict[str, Any], response: dict[str, Any]) -> dict[str, Decimal]:
    labels = Labels(model=case.get("model"), provider=case.get("provider"))
    convention = case.get("usage_convention")
    found = LIST.read(response, labels, "provider_response", convention)
    return {unit: count for unit, count in found.counts.items() if count}


@settings(max_examples=size(100, 400), deadline=None)
@given(case=st.sampled_from([one for one in CASES if "provider_response" in one]), name=NAMES)
def test_an_unknown_count_in_a_known_object_is_refused_by_its_name(
    case: dict[str, Any], name: str
) -> None:
    response = copy.deepcopy(case["provider_response"])
    places = list(usages(response)) or [response]
    if meaning((name,)) is not None or snake(name) in CONTAINERS:
        return
    for place in places:
        if name in place:
            continue
        place[name] = 7
        with pytest.raises(ValueError, match=name):
            read(case, response)
        place[name] = 0
        assert read(case, response) == read(case, case["provider_response"])
        del place[name]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"server_tool_use": {"deep_research_requests": 2}}, "deep_research_requests"),
        ({"prompt_tokens_details": {"hologram_tokens": 5}}, "hologram_tokens"),
        ({"iterations_total": 3}, "iterations_total"),
        ({"image_generation": {"count": 1}}, "count"),
        ({"extra": [{"type": "x", "tokens": 9}]}, "tokens"),
    ],
)
def test_a_count_in_an_unknown_part_is_refused(more: dict[str, Any], named: str) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, **more}
    with pytest.raises(ValueError, match=named):
        LIST.read({"usage": usage}, Labels(model="gpt-4o", provider="openai"), "usage")


def test_times_and_sums_and_ids_cost_nothing() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    more = {"queue_time": Decimal("0.03"), "total_time": Decimal("0.4"), "latency_ms": 12}
    labels = Labels(model="gpt-4o", provider="openai")
    found = LIST.read({"id": "1", "created": 17, "usage": usage | more}, labels, "usage")
    assert found.counts == {"input_tokens": 10, "output_tokens": 5}
