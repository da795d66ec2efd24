"""What a call cost or consumed: one amount or one usage, exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door.cost_fields import read_cost, read_estimate
from budget_monitor.entrypoints.door.fields import Fields


def test_a_cost_of_0_1_usd_and_10_tokens_is_read_exactly() -> None:
    cost = read_cost(Fields({"cost_usd": Decimal("0.1"), "tokens": Decimal(10)}), "record_cost")
    assert (cost.spent.amount, cost.spent.tokens) == (Decimal("0.1"), 10)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "cost_usd"),
        ({"cost_usd": "x"}, "cost_usd"),
        ({"usage": {"input_tokens": -1}}, "usage.input_tokens"),
        ({"usage": {"calls": 1}, "provider_response": {"usage": {}}}, "usage"),
        ({"cost_usd": "1", "colour": "red"}, "colour"),
    ],
)
def test_a_cost_that_cannot_be_read_names_the_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_cost(Fields(said), "record_cost")
    assert refused.value.field == field


def test_an_estimate_counts_max_output_tokens_as_output() -> None:
    said = {"estimated_usage": {"input_tokens": Decimal(7), "max_output_tokens": Decimal(3)}}
    estimate = read_estimate(Fields(said))
    assert estimate.usage == {"input_tokens": 7, "output_tokens": 3}


def test_an_estimate_without_an_amount_or_a_usage_names_the_amount() -> None:
    with pytest.raises(ValidationError) as refused:
        read_estimate(Fields({}))
    assert refused.value.field == "estimated_cost_usd"
