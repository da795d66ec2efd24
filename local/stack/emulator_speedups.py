"""Speed up ministack's DynamoDB, the slowest part of a replay, without changing its answers.

1. Parsed expressions are cached: parsing depends only on the text, and programs repeat few texts.
2. Items are copied by `plain_copy`: they are plain JSON, which `copy.deepcopy` copies slowly.
3. The garbage collector runs less often: the store only grows.
"""

# ruff: noqa: ANN401, SLF001 - patches untyped private names of another program, on purpose

from __future__ import annotations

import copy
import functools
import gc
from types import SimpleNamespace
from typing import Any

EXPRESSIONS = 4096
YOUNG_OBJECTS = 100_000


def speed_up(dynamodb: Any) -> None:
    """Replace the slow helpers of ministack's DynamoDB module by faster ones with equal results."""
    dynamodb._condition_syntax_error = functools.lru_cache(EXPRESSIONS)(
        dynamodb._condition_syntax_error
    )
    tokens = functools.lru_cache(EXPRESSIONS)(dynamodb._tokenize)
    dynamodb._tokenize = lambda expression: list(tokens(expression))
    dynamodb.copy = SimpleNamespace(deepcopy=plain_copy, copy=copy.copy)
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 100)


def plain_copy(value: Any) -> Any:
    """A deep copy of a JSON value; of anything else what `copy.deepcopy` makes."""
    kind = type(value)
    if kind is dict:
        return {key: plain_copy(item) for key, item in value.items()}
    if kind is list:
        return [plain_copy(item) for item in value]
    if kind in (str, int, float, bool, bytes, type(None)):
        return value
    return copy.deepcopy(value)
