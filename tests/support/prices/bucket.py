"""A bucket of price lists in memory, and a list that costs twice as much."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from genai_prices.data import providers
from genai_prices.types import ModelInfo, ModelPrice

from budget_monitor.adapters.aws.price_bucket import PriceBucket
from budget_monitor.domain.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    import pytest

KEY, EXAMPLE = "prices/2026-11-28.json", "prices/2026-11-20.json"
"""Names of files; the second one is that of the examples in the OpenAPI document."""


class MemoryBucket:
    """Files by key and version. `down`: nothing can be read."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.reads = 0
        self.down = False

    def put(self, data: bytes, key: str = KEY, version: str = "v1") -> None:
        self.files[key, version] = data

    def latest(self, key: str) -> str:
        known = [version for name, version in self.files if name == key]
        if not known:
            raise NotFoundError(f"no price list {key} in the bucket")
        return known[-1]

    def read(self, key: str, version: str) -> bytes:
        self.reads += 1
        if self.down:
            raise UnavailableError("the bucket of price lists cannot be read now")
        if (key, version) not in self.files:
            raise NotFoundError(f"no price list {key} in the bucket")
        return self.files[key, version]

    def install(self, monkeypatch: pytest.MonkeyPatch) -> MemoryBucket:
        """Answer in place of every bucket of this process."""
        monkeypatch.setattr(PriceBucket, "latest", lambda _, key: self.latest(key))
        monkeypatch.setattr(PriceBucket, "read", lambda _, key, version: self.read(key, version))
        return self


@cache
def dearer(times: int = 2) -> bytes:
    """The list that came with the library, each price so many times as high."""
    raw = [
        {
            "id": one.id,
            "name": one.name,
            "api_pattern": one.api_pattern,
            "models": [_model(model, times) for model in one.models],
        }
        for one in providers
    ]
    return json.dumps(raw).encode()


def _model(model: ModelInfo, times: int) -> dict[str, Any]:
    prices = model.prices if isinstance(model.prices, ModelPrice) else model.prices[0].prices
    known = {name: getattr(one, "base", one) for name, one in vars(prices).items() if one}
    return {
        "id": model.id,
        "match": {"equals": model.id},
        "prices": {name: str(one * times) for name, one in known.items()},
    }
