"""Usage: what a call can have consumed, and whose counts leave the cached tokens out."""

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.costs.usage import MOST, Usage, counts_cached_apart, provider_name, said
from budget_monitor.domain.errors import ValidationError


@pytest.mark.parametrize(
    "written",
    [
        "bedrock",
        " Amazon ",
        "amazon-bedrock",
        "AWS_Bedrock",
        "aws.bedrock",
        "Amazon Bedrock",
        "aws",
    ],
)
def test_amazon_bedrock_has_one_name_however_it_is_written(written: str) -> None:
    assert provider_name(written) == "aws"


def test_any_other_provider_keeps_its_own_name() -> None:
    assert provider_name(" OpenAI ") == "openai"
    assert provider_name("x-ai_labs") == "x-ai_labs"


def usage(**counts: str) -> Usage:
    return Usage({unit: Decimal(count) for unit, count in counts.items()})


def test_only_counts_above_zero_are_listed() -> None:
    counted = usage(input_tokens="7", output_tokens="0", calls="1", seconds="0.5")
    assert list(counted) == ["input_tokens", "calls", "seconds"]
    assert counted.of("web_searches") == 0
    assert (counted.input_tokens, counted.output_tokens) == (7, 0)
    assert usage(output_tokens="3").output_tokens == 3
    assert list(counted.without("calls")) == ["input_tokens", "seconds"]


def test_a_call_may_count_from_nothing_to_the_most_and_to_the_last_place() -> None:
    most = usage(input_tokens=str(MOST), cache_read_tokens=str(MOST), calls="0")
    assert most.checked("usage") is most
    finest = usage(seconds="0.000000000001")
    assert finest.checked("usage") is finest
    written_out = usage(input_tokens="5.0", cache_read_tokens="2", cache_write_tokens="3")
    assert written_out.checked("usage") is written_out


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"calls": "-1"}, "usage must count from 0 to 1000000000000 of each"),
        ({"seconds": str(MOST + 1)}, "usage must count from 0 to 1000000000000 of each"),
        ({"input_tokens": "1.5"}, "usage must count whole tokens"),
        ({"cache_write_1h_tokens": "0.1"}, "usage must count whole tokens"),
        ({"seconds": "0.0000000000001"}, "usage must have at most 12 decimal places"),
        (
            {"input_tokens": "4", "cache_read_tokens": "2", "cache_write_tokens": "3"},
            "usage: cached tokens are part of input_tokens",
        ),
        ({"cache_write_tokens": "1"}, "usage: cached tokens are part of input_tokens"),
    ],
)
def test_what_no_call_can_have_counted_is_refused(counts: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=f"^{words}$") as refused:
        usage(**counts).checked("usage")
    assert refused.value.field == "usage"


@pytest.mark.parametrize(
    ("provider", "model", "apart"),
    [
        (None, "claude-sonnet", True),
        (None, "minimax-m2", True),
        (None, "amazon.nova-pro", True),
        (None, "arn:aws:bedrock:us-east-1::model/x", True),
        (None, "arn:aws:sagemaker:us-east-1::model/x", False),
        (None, "x:bedrock:y", False),
        (None, "gpt-5", False),
        (None, None, False),
        ("openai", "claude-sonnet", False),
        ("Google Vertex", "claude-sonnet", True),
        ("google", "gemini-pro", False),
        ("google", None, False),
    ],
)
def test_who_leaves_the_cached_tokens_out(
    provider: str | None,
    model: str | None,
    apart: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert counts_cached_apart(provider, model) is apart


COUNTED = {"input_tokens": 10, "cache_read_tokens": 3, "cache_write_tokens": 4}


@pytest.mark.parametrize(
    ("counted", "provider", "model", "went_in"),
    [
        (COUNTED, "anthropic", None, 17),
        (COUNTED, None, "claude-sonnet", 17),
        (COUNTED, "openai", "gpt-5", 10),
        ({"input_tokens": 10}, "anthropic", None, 10),
        ({"cache_read_tokens": 3}, "anthropic", None, 3),
        ({"cache_write_tokens": 4}, "anthropic", None, 4),
    ],
)
def test_each_token_that_went_in_counts_once(
    counted: dict[str, Any], provider: str | None, model: str | None, went_in: int
) -> None:
    found = said(counted, provider, model)
    assert dict(found.counts) == {**counted, "input_tokens": went_in}


def test_what_was_not_sent_is_not_counted() -> None:
    assert dict(said({"calls": 2, "output_tokens": 5}, "anthropic", None).counts) == {
        "output_tokens": 5,
        "calls": 2,
    }


def test_seconds_may_have_decimals_and_are_blamed_by_their_name() -> None:
    assert said({"seconds": "1.25"}, None, None).of("seconds") == Decimal("1.25")
    with pytest.raises(ValidationError) as refused:
        said({"seconds": "long"}, None, None)
    assert refused.value.field == "usage.seconds"
    with pytest.raises(ValidationError) as refused:
        said({"seconds": "long"}, None, None, "estimate")
    assert refused.value.field == "estimate.seconds"
    with pytest.raises(ValidationError) as refused:
        said({"cache_read_tokens": 1}, "openai", None, "estimate")
    assert refused.value.field == "estimate"


def test_cache_writes_of_an_hour_are_cache_writes_unless_all_of_those_were_counted() -> None:
    counted = {"input_tokens": 10, "cache_write_1h_tokens": 5}
    assert dict(said(counted, "openai", None).counts) == {**counted, "cache_write_tokens": 5}
    both = {**counted, "cache_write_tokens": 8}
    assert dict(said(both, "openai", None).counts) == both


def test_a_usage_of_plain_numbers_is_that_of_one_call() -> None:
    assert Usage.of_counts({"calls": 2}) == Usage({"calls": Decimal(2)}, requests=1)
