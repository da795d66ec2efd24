"""The faster copy of DynamoDB's items is a deep copy."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from local.stack.emulator_speedups import plain_copy, speed_up

ITEM: dict[str, Any] = {"pk": {"S": "acme"}, "tags": {"L": [{"S": "a"}]}, "n": 1, "x": None}


def test_a_plain_copy_equals_deepcopy_and_shares_nothing() -> None:
    copied = plain_copy(ITEM)

    assert copied == copy.deepcopy(ITEM)
    copied["tags"]["L"][0]["S"] = "b"
    assert ITEM["tags"]["L"][0]["S"] == "a"


def test_other_values_are_copied_as_deepcopy_does() -> None:
    assert plain_copy({"kinds": {1, 2}}) == {"kinds": {1, 2}}


@pytest.fixture
def own_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process keeps its garbage collector as it is."""
    ignored = SimpleNamespace(freeze=list, set_threshold=max)
    monkeypatch.setattr("local.stack.emulator_speedups.gc", ignored)


def test_cached_tokens_are_lists_of_their_own(own_collector: None) -> None:
    module = SimpleNamespace(_condition_syntax_error=lambda _: None, _tokenize=str.split, copy=copy)
    speed_up(module)

    first = module._tokenize("a = b")  # noqa: SLF001 - what the emulator calls
    first.append("c")

    assert module._tokenize("a = b") == ["a", "=", "b"]  # noqa: SLF001 - the same
