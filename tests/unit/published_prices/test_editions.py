"""Newer editions of the price list: a published file is read, anything else is refused."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from genai_prices.types import ModelPrice

from budget_monitor.adapters.published_prices.editions import parse

FILE = [
    {
        "id": "acme",
        "name": "Acme",
        "api_pattern": "acme",
        "models": [
            {
                "id": "m-1",
                "match": {"equals": "m-1"},
                "prices": {"input_mtok": 3, "output_mtok": 15},
            }
        ],
    }
]


def test_a_published_file_has_its_providers_models_and_prices() -> None:
    (provider,) = parse(json.dumps(FILE).encode())
    (model,) = provider.models
    assert (provider.id, model.id) == ("acme", "m-1")
    assert isinstance(model.prices, ModelPrice)
    assert (model.prices.input_mtok, model.prices.output_mtok) == (Decimal(3), Decimal(15))


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"[]", b"{}", b"7", b"[7]", b'[{"name": "no id"}]', b"\xff\xfe"]
)
def test_anything_else_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of json, or ours
        parse(data)
