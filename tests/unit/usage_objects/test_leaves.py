"""Leaves: every count of a usage object, with its place and its meaning."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.usage_objects.leaves import has_negative, is_count, leaves, numbers


def test_each_count_is_a_leaf_with_its_path() -> None:
    usage = {"input_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}, "odd": 2}
    found = {one.name: (one.count, one.meaning and one.meaning.unit) for one in leaves(usage)}
    assert found == {
        "input_tokens": (7, "input_tokens"),
        "prompt_tokens_details.cached_tokens": (3, "cache_read_tokens"),
        "odd": (2, None),
    }


def test_the_elements_of_a_list_are_told_apart_by_their_modality() -> None:
    details = [{"modality": "TEXT", "tokenCount": 5}, {"modality": "AUDIO", "tokenCount": 8}]
    found = {one.path[1]: one.count for one in leaves({"promptTokensDetails": details})}
    assert found == {"TEXT": 5, "AUDIO": 8}
    units = [one.meaning and one.meaning.unit for one in leaves({"promptTokensDetails": details})]
    assert units == ["input_text_tokens", "input_audio_tokens"]


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        ({"input_tokens": True}, "its input_tokens is not a number"),
        ({"input_tokens": "many"}, "its input_tokens is not a number"),
        ({"prompt_tokens": [1]}, "its prompt_tokens is not a number"),
        ({"promptTokensDetails": {"text": 1}}, "its promptTokensDetails is not a list"),
        ({"promptTokensDetails": [{"modality": 1, "tokenCount": 1}]}, "names no modality"),
    ],
)
def test_something_else_under_a_known_name_is_damage(usage: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        list(leaves(usage))


def test_null_and_texts_under_unknown_names_are_no_counts() -> None:
    assert list(leaves({"input_tokens": None, "note": "7 tokens"})) == []


def test_texts_that_are_numbers_are_numbers() -> None:
    given = {"a": "12", "b": ["0.5", "-3"], "c": 0.25, "d": "1e3", "e": "12 tokens"}
    assert numbers(given) == {
        "a": 12,
        "b": [Decimal("0.5"), -3],
        "c": Decimal("0.25"),
        "d": "1e3",
        "e": "12 tokens",
    }


def test_true_is_no_count_and_a_negative_number_is_found_by_its_name() -> None:
    assert [is_count(one) for one in (0, Decimal("0.5"), True, "1", None)] == [
        *(True, True),
        *(False, False, False),
    ]
    assert has_negative({"usage": {"tokens": -1}})
    assert has_negative({"parts": [{"tokens": -1}]})
    assert not has_negative({"embedding": [-1, -2], "tokens": 0})
