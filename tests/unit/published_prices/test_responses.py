"""How providers count: our rule for plain numbers and our choice of forms, by the library's."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from genai_prices.data import providers
from genai_prices.data_snapshot import find_provider_by_id
from genai_prices.types import ArrayMatch, ClauseEquals, Provider, UsageExtractor

from budget_monitor.adapters.published_prices.responses import Responses
from budget_monitor.domain.costs.usage import counts_cached_apart

Path = str | Sequence[str | ArrayMatch]
RESPONSES = Responses(providers)
FORMS = [(one, form) for one in providers for form in one.extractors or ()]


def provider(name: str) -> Provider:
    found = find_provider_by_id(providers, name)
    assert found is not None
    return found


def apart(form: UsageExtractor) -> bool:
    """Whether the form adds what was cached to what went in."""
    cached = [one.path for one in form.mappings if one.dest == "cache_read_tokens"]
    return any(one.dest == "input_tokens" and one.path in cached for one in form.mappings)


def library_counts_apart(where: Provider, model: str) -> bool:
    """What the library's forms say of the provider; where they differ, Claude's or the default."""
    forms = {
        form.api_flavor: apart(form)
        for form in where.extractors or ()
        if any(one.dest == "cache_read_tokens" for one in form.mappings)
    }
    if "claude" in model and "anthropic" in forms:
        return forms["anthropic"]
    return forms.get("default", next(iter(forms.values()), False))


@pytest.mark.parametrize("where", providers, ids=lambda one: one.id)
def test_cached_tokens_stand_apart_where_the_library_says_so(where: Provider) -> None:
    models = [one.id for one in where.models[:3]] + ["claude-opus-4-1"]
    for model in models:
        if where.find_model(model, all_providers=providers):
            expected = library_counts_apart(where, model)
            assert counts_cached_apart(where.id, model) == expected, model


def test_these_providers_and_no_others_count_cached_tokens_apart() -> None:
    found = {one.id for one in providers if library_counts_apart(one, model="")}
    assert found == {"anthropic", "aws", "cursor", "minimax"}


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Anthropic", "claude-opus-4-1"),
        ("bedrock", "us.amazon.nova-pro-v1:0"),
        ("aws-bedrock", "meta.llama3-1-70b-instruct-v1:0"),
        ("amazon", "amazon.nova-lite-v1:0"),
        ("vertex_ai", "claude-opus-4-1"),
        ("vertex_ai", "gemini-2.5-pro"),
        ("gemini", "gemini-2.5-pro"),
        ("azure", "gpt-4o"),
        ("azure", "claude-opus-4-1"),
        ("xai", "grok-4-0709"),
        ("copilot", "claude-opus-4.1"),
        ("openrouter", "anthropic/claude-opus-4.1"),
    ],
)
def test_the_rule_knows_providers_by_their_other_names(name: str, model: str) -> None:
    assert counts_cached_apart(name, model) == library_counts_apart(provider(name), model)


@pytest.mark.parametrize(
    ("model", "where"),
    [
        ("claude-opus-4-1", "anthropic"),
        ("gpt-4o", "openai"),
        ("gemini-2.5-pro", "google"),
        ("minimax-m2", "minimax"),
    ],
)
def test_without_a_provider_the_rule_is_that_of_who_makes_the_model(model: str, where: str) -> None:
    assert counts_cached_apart(None, model) == library_counts_apart(provider(where), model)


def put(usage: Any, path: Path, count: int) -> None:
    """Write the count where the form's path looks for it."""
    steps = [path] if isinstance(path, str) else list(path)
    for step, after in pairwise(steps):
        if isinstance(step, str):
            usage = usage.setdefault(step, [] if isinstance(after, ArrayMatch) else {})
        else:
            assert isinstance(step.match, ClauseEquals)
            named = {step.field: step.match.equals}
            usage.append(named)
            usage = named
    usage[steps[-1]] = count


def answers(form: UsageExtractor, *, full: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """An answer that says all that the form knows or must have, and its usage object alone."""
    usage: dict[str, Any] = {}
    known = {repr(one.path): one for one in form.mappings if full or one.required}
    for number, one in enumerate(known.values(), 100):
        put(usage, one.path, number)
    whole = usage
    for step in reversed([form.root] if isinstance(form.root, str) else list(form.root)):
        whole = {str(step): whole}
    return whole, usage


@pytest.mark.parametrize("full", [True, False])
def test_each_form_of_each_provider_is_known_from_all_others(full: bool) -> None:  # noqa: FBT001
    for where, form in FORMS:
        whole, usage = answers(form, full=full)
        if not usage or form.api_flavor == "ocr_annotated":
            continue  # pages with notes and pages without look alike; they have the lower price
        expected = vars(form.extract(whole)[1])
        for response in (whole, usage):
            read = RESPONSES.read(response, where, "usage")
            assert read.counts == {unit: Decimal(count) for unit, count in expected.items()}, (
                where.id,
                form.api_flavor,
            )


ANTHROPIC_FORM = {"input_tokens": 3, "cache_read_input_tokens": 30_000, "output_tokens": 50}
XAI_FORM = {
    "prompt_tokens": 32,
    "completion_tokens": 9,
    "total_tokens": 135,
    "prompt_tokens_details": {"text_tokens": 32, "audio_tokens": 0, "cached_tokens": 6},
    "completion_tokens_details": {"reasoning_tokens": 94, "audio_tokens": 0},
}
COHERE_FORM = {
    "billed_units": {"input_tokens": 5, "output_tokens": 418},
    "tokens": {"input_tokens": 71, "output_tokens": 418},
    "cached_tokens": 64,
}


@pytest.mark.parametrize(
    ("name", "usage", "tokens"),
    [
        # whoever relays Claude may do so in Anthropic's form, and the headline is 3 tokens
        *((name, ANTHROPIC_FORM, (30_003, 50)) for name in ("openrouter", "copilot", "databricks")),
        ("cloudflare", ANTHROPIC_FORM, (30_003, 50)),
        # xAI's completion leaves its reasoning out, in a form that is else OpenAI's
        ("xai", XAI_FORM, (32, 103)),
        # Cohere says what it bills beside what it counted
        ("cohere", COHERE_FORM, (5, 418)),
    ],
)
def test_the_form_is_the_one_that_explains_most(
    name: str, usage: dict[str, Any], tokens: tuple[int, int]
) -> None:
    for response in (usage, {"usage": usage}):
        read = RESPONSES.read(response, provider(name), "usage")
        assert (read.input_tokens, read.output_tokens) == tokens


@pytest.mark.parametrize("name", ["openai", "google"])
def test_a_total_of_more_than_its_parts_says_that_something_is_unknown(name: str) -> None:
    with pytest.raises(ValueError, match="total_tokens is more than the sum of its parts"):
        RESPONSES.read(XAI_FORM, provider(name), "usage")


@pytest.mark.parametrize("named", ["responseTokenCount", "response_token_count"])
def test_what_the_live_api_calls_a_response_is_what_came_out(named: str) -> None:
    others = {"promptTokenCount": 100, "thoughtsTokenCount": 7, "totalTokenCount": 157}
    read = RESPONSES.read({"usageMetadata": {**others, named: 50}}, provider("google"), "usage")
    assert (read.input_tokens, read.output_tokens) == (100, 57)


@pytest.mark.parametrize(
    "model",
    [
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/x",
        "us.amazon.nova-pro-v1:0",
        "amazon.nova-lite-v1:0",
    ],
)
def test_without_a_provider_bedrocks_own_names_count_as_bedrock_does(model: str) -> None:
    assert counts_cached_apart(None, model)
    assert counts_cached_apart("bedrock", model)
