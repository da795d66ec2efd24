"""Comparing a retry with what was asked first: tags are a set, a batch differs at a place."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.errors import IdempotencyMismatchError
from budget_monitor.domain.requests import first_difference, refuse_other_content
from budget_monitor.entrypoints.door.idempotency import batch_request, keyed, with_id


@pytest.mark.parametrize("stored", [["a", "b"], ["b", "a"]])
def test_tags_in_another_order_are_the_same_and_other_tags_are_not(stored: list[str]) -> None:
    for same in (["a", "b"], ["b", "a"]):
        assert first_difference({"tags": stored}, {"tags": same}) is None
    for other in (["a"], ["a", "c"], ["a", "b", "c"]):
        assert first_difference({"tags": stored}, {"tags": other}) == "tags"
    assert first_difference({}, {"tags": stored}) == "tags"


def test_other_lists_have_an_order() -> None:
    assert first_difference({"thresholds": [50, 80]}, {"thresholds": [80, 50]}) == "thresholds"


@pytest.mark.parametrize(
    ("stored", "retried", "field"),
    [
        (["a", "b"], ["a", "b"], None),
        (["a", "b"], ["a", "c"], "costs[1]"),
        (["a", "b"], ["c", "d"], "costs[0]"),
        (["a", "b"], ["b", "a"], "costs[0]"),
        (["a", "b"], ["a", "b", "c"], "costs"),
        (["a", "b"], ["a"], "costs"),
        (None, ["a"], "costs"),
    ],
)
def test_two_batches_differ_at_the_first_cost_that_does(
    stored: list[str] | None, retried: list[str], field: str | None
) -> None:
    assert first_difference({"costs": stored}, {"costs": retried}) == field


def test_a_key_of_another_operation_is_named_by_its_own_field() -> None:
    stored = {"operation": "reserve", "cost_usd": "1"}
    with pytest.raises(IdempotencyMismatchError) as refused:
        refuse_other_content(stored, {"operation": "settle", "cost_usd": "2"}, "idempotency_key")
    assert refused.value.field == "idempotency_key"


def test_a_batch_of_100_large_costs_has_a_name_of_4_kb() -> None:
    costs = [{"cost_usd": str(n), "user": "u" * 250} for n in range(100)]
    found: Any = batch_request(costs)["costs"]
    assert {len(one) for one in found} == {32}
    assert len(set(found)) == 100
    again: Any = batch_request([{"user": "u" * 250, "cost_usd": str(n)} for n in range(100)])
    assert again["costs"] == found


def test_a_name_has_the_id_that_was_given_first_and_none_that_we_made() -> None:
    request = with_id({"operation": "record_cost", "cost_usd": "1"}, "record_cost", "entry_id", "e")
    assert list(request.items())[:2] == [("operation", "record_cost"), ("entry_id", "e")]
    assert "entry_id" not in with_id({"cost_usd": "1"}, "record_cost", "entry_id", None)
    assert keyed("acme", None, request) is None
    name = keyed("acme", "key", request, {"entry_id": "made"})
    assert name is not None
    assert (name.request, name.made) == (request, {"entry_id": "made"})


def test_a_name_in_another_spelling_is_the_same_and_another_name_is_not() -> None:
    """Earlier versions stored names as they were spelled."""
    stored = {"user": "Jose\u0301 ", "tags": ["a ", "a"], "reason": "x "}
    assert first_difference(stored, {"user": "Jos\u00e9", "tags": ["a"]}) is None
    assert first_difference(stored, {"user": "Jose"}) == "user"
    assert first_difference(stored, {"reason": "x"}) == "reason"
