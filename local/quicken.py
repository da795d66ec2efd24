"""Make ministack's DynamoDB do the same with less work: it is the slowest part of a replay.

Reading an expression depends on its text alone, and a program sends the same few texts all the
time, so what was read once is kept. Items are plain JSON values, for which `copy.deepcopy` is a
slow way to copy. And the store only grows, so the collector need not search it all the time.
"""

# ruff: noqa: ANN401, SLF001 - it mends untyped insides of another program, on purpose

from __future__ import annotations

import copy
import functools
import gc
from types import SimpleNamespace
from typing import Any

EXPRESSIONS = 4096
YOUNG_OBJECTS = 100_000


def quicken(dynamodb: Any) -> None:
    """Replace the slow helpers of ministack's DynamoDB module by equal, quicker ones."""
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
