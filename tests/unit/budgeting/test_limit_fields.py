"""Limits as people send them: in USD, tokens and calls, with a reserve and a ladder."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.wind_down import Rung
from budget_monitor.entrypoints.budgeting.limit_fields import (
    read_counted,
    read_downgrade,
    read_limits,
    read_reserve,
)
from budget_monitor.entrypoints.door.fields import Fields


@pytest.mark.parametrize(
    ("said", "usd", "counted"),
    [
        ({"limit_usd": "5"}, Decimal(5), {}),
        ({"limit_usd": None}, None, {}),
        ({"limit_tokens": 100}, None, {"tokens": 100}),
        (
            {"limit_tokens": {"input": 7, "output": 0}, "limit_calls": 3},
            None,
            {"input_tokens": 7, "output_tokens": 0, "calls": 3},
        ),
        ({"limit_usd": "1", "limit_tokens": {"total": 9}}, Decimal(1), {"tokens": 9}),
        ({"limit_usd": "1", "limit_tokens": None, "limit_calls": None}, Decimal(1), {}),
    ],
)
def test_limits_are_read_by_their_units(
    said: dict[str, Any], usd: Decimal | None, counted: dict[str, int]
) -> None:
    limit, others = read_limits(Fields(said))
    assert limit == usd
    assert others == counted


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "limit_usd"),
        ({"limit_calls": -1}, "limit_calls"),
        ({"limit_calls": 10**12 + 1}, "limit_calls"),
        ({"limit_tokens": "many"}, "limit_tokens"),
        ({"limit_tokens": {}}, "limit_tokens.total"),
        ({"limit_tokens": {"input": 1.5}}, "limit_tokens.input"),
        ({"limit_tokens": {"cached": 1}}, "limit_tokens.cached"),
    ],
)
def test_a_bad_limit_is_refused_by_its_name(said: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_limits(Fields(said))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ({}, {}),
        ({"limit_calls": 3}, {"calls": {"calls": 3}}),
        ({"limit_calls": None, "limit_tokens": None}, {"calls": {}, "tokens": {}}),
        ({"limit_tokens": {"output": 4}}, {"tokens": {"output_tokens": 4}}),
    ],
)
def test_a_change_names_the_kinds_that_it_replaces(
    said: dict[str, Any], given: dict[str, Any]
) -> None:
    assert read_counted(Fields(said)) == given


def test_a_ladder_is_read_in_its_order() -> None:
    rungs = [{"model": "mini", "provider": "openai", "at_percent": 50}, {"model": "nano"}]
    assert read_downgrade(Fields({"downgrade": rungs})) == (
        Rung("mini", "openai", 50),
        Rung("nano", None, None),
    )
    assert read_downgrade(Fields({})) is None
    assert read_downgrade(Fields({"downgrade": None})) is None


@pytest.mark.parametrize(
    ("rungs", "field"),
    [
        ([{"model": "a"}, {"model": "A"}], "downgrade"),
        ([{"model": "a", "at_percent": 80}, {"model": "b", "at_percent": 80}], "downgrade"),
        ([{"model": "a", "at_percent": 80}, {"model": "b", "at_percent": 50}], "downgrade"),
        ([{"provider": "openai"}], "downgrade[0].model"),
        ([{"model": "a"}, {"model": "b", "at_percent": 101}], "downgrade[1].at_percent"),
        ([{"model": "a", "colour": "red"}], "downgrade[0].colour"),
    ],
)
def test_a_ladder_that_does_not_rise_is_refused(rungs: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_downgrade(Fields({"downgrade": rungs}))
    assert refused.value.field == field


def test_a_reserve_of_99_percent_is_the_most() -> None:
    assert read_reserve(Fields({"reserve_percent": 99})) == 99
    assert read_reserve(Fields({})) is None
    with pytest.raises(ValidationError, match="reserve_percent"):
        read_reserve(Fields({"reserve_percent": 100}))
