"""From counts to units: cached tokens once, and steps that add up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from budget_monitor.adapters.usage_objects.counting import Caller, HalfError, count
from budget_monitor.domain.accounting.labels import Labels
from tests.support.prices.usage_forms import CLAUDE, LIST, read


@pytest.mark.parametrize("convention", ["inclusive", "provider"])
def test_a_form_that_does_not_say_where_cached_tokens_stand_needs_a_convention(
    convention: str,
) -> None:
    usage = {"prompt_tokens": 2000, "completion_tokens": 5, "cache_read_input_tokens": 1000}
    labels = Labels(model="claude-sonnet-4-5", provider="anthropic")
    with pytest.raises(ValueError, match="send usage_convention"):
        LIST.read(usage, labels, "usage")
    found = LIST.read(usage, labels, "usage", convention)
    assert found.input_tokens == {"inclusive": 2000, "provider": 3000}[convention]


def test_a_sum_of_long_requests_is_refused_and_one_of_short_ones_is_not() -> None:
    sheet = LIST.sheet("claude-sonnet-4-5", "anthropic", datetime(2026, 11, 1, tzinfo=UTC))
    assert sheet is not None
    usage = {"input_tokens": 500_000, "output_tokens": 10}
    short = read(CLAUDE, {"num_turns": 3, "usage": usage})
    assert {line.usd for line in LIST.lines(sheet, short)} == {3, 15}
    with pytest.raises(ValueError, match="sum of 2 long requests"):
        LIST.lines(sheet, read(CLAUDE, {"num_turns": 2, "usage": usage}))


def test_cached_tokens_beside_the_input_are_added_to_it_once() -> None:
    claude = Caller("anthropic", "claude-sonnet-4-5")
    beside = {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5}
    found = count(beside, claude)
    assert found is not None
    assert found.units == {"input_tokens": 100, "cache_read_tokens": 90, "output_tokens": 5}
    details = {"prompt_tokens_details": {"cached_tokens": 90}}
    within = count({"prompt_tokens": 100, "completion_tokens": 5, **details}, claude)
    assert within is not None
    assert within.units == found.units


def test_the_total_decides_where_the_names_do_not() -> None:
    usage = {"input_tokens": 100, "cache_read_tokens": 30, "output_tokens": 5}
    for total, went_in in ((105, 100), (135, 130)):
        found = count({**usage, "total_tokens": total}, Caller("anthropic"))
        assert found is not None
        assert found.units["input_tokens"] == went_in


def test_two_counts_of_one_thing_that_differ_are_refused() -> None:
    twice = {"input_tokens": 10, "prompt_tokens": 11, "output_tokens": 1}
    with pytest.raises(ValueError, match="say different counts of input_tokens"):
        count(twice, Caller())


def test_a_total_above_all_that_is_known_is_refused() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 16}
    with pytest.raises(ValueError, match="total_tokens is more than the sum"):
        count(usage, Caller("openai"))


@pytest.mark.parametrize(
    ("usage", "lacking"), [({"output_tokens": 5}, "no input"), ({"input_tokens": 5}, "no output")]
)
def test_half_of_the_counts_is_refused(usage: dict[str, int], lacking: str) -> None:
    with pytest.raises(HalfError, match=f"has {lacking} counts"):
        count(usage, Caller("openai"))


def test_an_embedding_has_no_output_and_may_say_its_total_alone() -> None:
    found = count({"total_tokens": 10}, Caller("voyageai", embeds=True))
    assert found is not None
    assert found.units["input_tokens"] == 10
    assert count({"total_tokens": 10}, Caller("openai")) is None


def test_cache_writes_by_their_life_make_the_whole_of_300() -> None:
    lives = {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100}
    found = count(
        {"input_tokens": 1, "output_tokens": 1, "cache_creation": lives}, Caller("anthropic")
    )
    assert found is not None
    assert found.units["cache_write_tokens"] == 300
    assert found.units["input_tokens"] == 301
