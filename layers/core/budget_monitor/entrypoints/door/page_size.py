"""Fit a page into one answer: Lambda returns at most 6 MB."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

MAX_BYTES = 5_000_000
"""Of all items, as they stand in a response: JSON, written once more as a text."""


def fitting(items: Sequence[Mapping[str, Any]]) -> int:
    """Return how many of the first items fit; at least one, so that every list continues."""
    weight = 0
    for count, item in enumerate(items):
        weight += len(json.dumps(json.dumps(item)))
        if weight > MAX_BYTES and count:
            return count
    return len(items)
