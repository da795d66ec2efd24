"""Spellings of providers and models: each means one name of the price list."""

from __future__ import annotations

import pytest

from budget_monitor.adapters.published_prices import spellings
from budget_monitor.domain.costs.facts import Terms


@pytest.mark.parametrize(
    ("said", "provider"),
    [
        ("azure.ai.openai", "azure"),
        (" GCP.Vertex_AI ", "google"),
        ("vertex_ai-anthropic_models", "google"),
        ("bedrock_converse", "aws"),
        ("xai.chat", "x-ai"),
        ("groqcloud", "groq"),
        ("kimi", "moonshotai"),
        ("openai", None),
        ("nobody", None),
    ],
)
def test_a_provider_has_one_name(said: str, provider: str | None) -> None:
    assert spellings.provider_of(said) == provider


def test_a_gateway_is_no_provider() -> None:
    assert spellings.is_gateway(" LiteLLM ")
    assert not spellings.is_gateway("openrouter")


@pytest.mark.parametrize(
    ("model", "bedrocks"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("amazon.nova-lite-v1:0", True),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/x", True),
        ("claude-sonnet-4-5", False),
        ("gpt-4.1", False),
        ("xx.anthropic.claude", False),
    ],
)
def test_only_bedrock_puts_a_vendor_before_a_model(model: str, *, bedrocks: bool) -> None:
    assert spellings.is_bedrocks(model) is bedrocks


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (" GPT-4o ", ["gpt-4o"]),
        ("models/gemini-2.5-pro", ["models/gemini-2.5-pro", "gemini-2.5-pro"]),
        (
            "projects/p/locations/us/publishers/google/models/gemini-2.5-pro",
            ["projects/p/locations/us/publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"],
        ),
        (
            "us-east-1/amazon.nova-lite-v1:0",
            ["us-east-1/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"],
        ),
        ("arn:aws:bedrock:eu:1:profile/m", ["arn:aws:bedrock:eu:1:profile/m", "m"]),
        ("openai/gpt-4o", ["openai/gpt-4o"]),
    ],
)
def test_paths_and_regions_are_taken_off_after_the_name_as_given(
    model: str, names: list[str]
) -> None:
    assert list(spellings.bare(model)) == names


def test_a_prefix_names_the_provider_where_there_is_a_slash() -> None:
    assert spellings.with_prefix("Azure/GPT-4o") == ("azure", "gpt-4o")
    assert spellings.with_prefix("gpt-4o") is None
    assert spellings.with_prefix("/gpt-4o") is None


@pytest.mark.parametrize(
    ("model", "name", "terms"),
    [
        ("nova-lite:flex", "nova-lite", Terms(service_tier="flex")),
        ("gpt-5-priority", "gpt-5", Terms(service_tier="priority")),
        ("gpt-5:batch", "gpt-5", Terms(batch=True)),
        ("claude-opus-4-8-fast", "claude-opus-4-8", Terms(speed="fast")),
    ],
)
def test_a_tier_at_the_end_of_a_name_is_a_term(model: str, name: str, terms: Terms) -> None:
    assert spellings.tier_in(model) == (name, terms)


def test_a_name_without_a_tier_has_no_terms() -> None:
    assert spellings.tier_in("gpt-4o") is None
    assert spellings.tier_in("breakfast") is None
