"""A name is a model only as a whole: a date or a version may follow, nothing else."""

from __future__ import annotations

import pytest
from genai_prices.data import providers

from budget_monitor.adapters.published_prices.matching import find, near

BY_ID = {one.id: one for one in providers}


@pytest.mark.parametrize(
    ("provider", "name", "model"),
    [
        ("openai", "gpt-4o", "gpt-4o"),
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "gpt-4o-20240806", "gpt-4o"),
        ("openai", "gpt-4o-mini", "gpt-4o-mini"),
        ("openai", "gpt-4o-mega", None),
        ("openai", "my-gpt-4o", None),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-turbo", None),
        ("google", "gemini-2.5-pro-preview-05-06", "gemini-2.5-pro"),
        ("openai", "", None),
    ],
)
def test_only_a_date_or_a_version_may_follow_a_name(
    provider: str, name: str, model: str | None
) -> None:
    found = find(BY_ID[provider], name, providers)
    assert (found and found.id) == model


def test_a_model_of_a_provider_that_is_offered_too_is_found() -> None:
    azure = BY_ID["azure"]
    assert not any(one.id == "gpt-4o" for one in azure.models) or azure.fallback_model_providers
    found = find(azure, "gpt-4o", providers)
    assert found is not None
    assert found.id == "gpt-4o"


def test_at_most_3_near_names_are_suggested_of_the_provider_or_of_all() -> None:
    assert near(BY_ID["openai"], "gpt-4o-minni", providers)[0] == "gpt-4o-mini"
    of_all = near(None, "claude-sonnet-4-6", providers)
    assert len(of_all) <= 3
    assert any("claude-sonnet-4" in one for one in of_all)
    assert near(BY_ID["openai"], "zzzz", providers) == []
