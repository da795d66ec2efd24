"""Units: how amounts of each are named, shown and said, and which counts are none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.units import Amounts, amount_fields, shown, suffix, words


@pytest.mark.parametrize(
    ("unit", "end"),
    [("usd", "usd"), ("calls", "calls"), ("tokens", "tokens"), ("input_tokens", "tokens")],
)
def test_the_fields_of_all_kinds_of_tokens_end_in_tokens(unit: str, end: str) -> None:
    assert suffix(unit) == end
    assert amount_fields(unit, spent=None) == {f"spent_{end}": None}


@pytest.mark.parametrize(
    ("unit", "amount", "said", "answer"),
    [
        ("usd", "0.5", "0.5 USD", "0.5"),
        ("usd", "1", "1 USD", "1"),
        ("calls", "1", "1 call", 1),
        ("calls", "2", "2 calls", 2),
        ("tokens", "1", "1 token", 1),
        ("input_tokens", "20", "20 input tokens", 20),
        ("output_tokens", "0", "0 output tokens", 0),
    ],
)
def test_usd_are_decimal_strings_and_counts_are_whole_numbers(
    unit: str, amount: str, said: str, answer: str | int
) -> None:
    assert words(unit, Decimal(amount)) == said
    found = shown(unit, Decimal(amount))
    assert (found, type(found)) == (answer, type(answer))
    assert shown(unit, None) is None
    (field,) = amount_fields(unit, spent=Decimal(amount)).values()
    assert (field, type(field)) == (answer, type(answer))


@pytest.mark.parametrize("count", [-1, "1", 1.0, True, None])
def test_a_count_below_zero_or_of_another_type_is_none(count: Any) -> None:
    dumped = Amounts(Decimal(1), 1, 1, 1, 1).dump()
    with pytest.raises(ValueError, match=r"^not counts of usage$"):
        Amounts.load(Decimal(1), dumped | {"calls": count})
    assert Amounts.load(Decimal(1), dumped | {"calls": 0}).calls == 0
