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


@pytest.mark.parametrize(
    ("terms", "words", "conditions"),
    [
        (Terms(), "standard", ()),
        (Terms(batch=True), "batch true", (("batch", "true"),)),
        (
            Terms("flex", batch=True, speed="fast", inference_geo="us"),
            "batch true, service_tier flex, speed fast, inference_geo us",
            (
                ("batch", "true"),
                ("service_tier", "flex"),
                ("speed", "fast"),
                ("inference_geo", "us"),
            ),
        ),
    ],
)
def test_terms_are_said_in_words_and_as_conditions(
    terms: Terms, words: str, conditions: tuple[tuple[str, str], ...]
) -> None:
    assert (terms.words, terms.conditions) == (words, conditions)


def test_standard_terms_are_filled_by_others_and_others_are_kept() -> None:
    full = Terms("flex", batch=True, speed="fast", inference_geo="us")
    other = Terms("priority", batch=False, speed="slow", inference_geo="eu")
    assert Terms().joined(full) == full
    assert full.joined(Terms()) == full
    assert other.joined(full) == Terms("priority", batch=True, speed="slow", inference_geo="eu")


def test_terms_are_read_without_blanks_and_case() -> None:
    assert Terms.said(" Flex ", speed=" FAST ", inference_geo=" US ") == Terms(
        "flex", speed="fast", inference_geo="us"
    )
    assert Terms.said("batch", speed="", inference_geo="Global") == Terms(batch=True)
    assert Terms.said("flex", batch=True) == Terms("flex", batch=True)
