"""Terms of a call: each tier has one name, and standard terms are left out."""

from __future__ import annotations

import pytest

from budget_monitor.domain.costs.facts import Terms


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("standard", Terms()),
        ("default", Terms()),
        ("ON_DEMAND", Terms()),
        ("on_demand", Terms()),
        (None, Terms()),
        ("flex", Terms(service_tier="flex")),
        ("ON_DEMAND_FLEX", Terms(service_tier="flex")),
        ("ON_DEMAND_PRIORITY", Terms(service_tier="priority")),
        ("PROVISIONED_THROUGHPUT", Terms(service_tier="provisioned")),
        ("batch", Terms(batch=True)),
        ("auto", Terms(service_tier="auto")),
    ],
)
def test_a_tier_has_one_name_however_it_is_written(said: str | None, terms: Terms) -> None:
    assert Terms.said(said) == terms


def test_speed_and_place_count_where_they_are_not_the_usual_ones() -> None:
    assert Terms.said(speed="standard", inference_geo="not_available") == Terms()
    assert Terms.said(speed="fast", inference_geo="us").conditions == (
        ("speed", "fast"),
        ("inference_geo", "us"),
    )
