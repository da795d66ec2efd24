"""Routes before a model's name: what a gateway or Amazon Bedrock adds is taken off."""

from __future__ import annotations

import pytest

from budget_monitor.adapters.published_prices.routes import makers_name, split_route


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("openai/gpt-4o", ("openai", "gpt-4o")),
        ("openrouter/openai/gpt-4o", ("openrouter", "openai/gpt-4o")),
        ("gpt-4o", None),
        ("/gpt-4o", None),
        ("openai/", None),
    ],
)
def test_a_route_ends_at_the_first_slash(model: str, parts: tuple[str, str] | None) -> None:
    assert split_route(model) == parts


@pytest.mark.parametrize(
    ("model", "bare"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307"),
        ("amazon.titan-text-express-v1:0:8k", "titan-text-express"),
        ("bedrock/eu.amazon.nova-lite-v1:0", "nova-lite"),
        ("openrouter/openai/gpt-4o", "gpt-4o"),
        ("gpt-4.1", "gpt-4.1"),
        ("gpt-4.1-mini", "gpt-4.1-mini"),
        ("gemini-2.5-pro", "gemini-2.5-pro"),
        ("acme-v1", "acme-v1"),
    ],
)
def test_the_makers_name_has_no_route_region_vendor_or_version(model: str, bare: str) -> None:
    assert makers_name(model) == bare
