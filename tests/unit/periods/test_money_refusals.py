"""Money: every refusal names the field and says what to do, and every edge is where it is said."""

from decimal import Decimal, localcontext

import pytest

from budget_monitor.domain.errors import (
    IdempotencyMismatchError,
    UnavailableError,
    ValidationError,
)
from budget_monitor.domain.money import EXACT, parse_amount, percent, render, to_places
from budget_monitor.domain.requests import first_difference, refuse_other_content


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("12 USD", 'cost_usd must be an amount in USD, such as "0.25"'),
        ("-1", 'cost_usd must be an amount in USD, such as "0.25"'),
        ("-0.0", 'cost_usd must be an amount in USD, such as "0.25"'),
        (None, 'cost_usd must be an amount in USD, such as "0.25"'),
        (True, 'cost_usd must be an amount in USD, such as "0.25"'),
        (Decimal("Infinity"), "cost_usd must be a finite number"),
        (float("inf"), "cost_usd must be a finite number"),
        ("1000000000000", "cost_usd must be below 1000000000000 USD"),
        (-1, "cost_usd must not be negative"),
        ("0.0000000000001", "cost_usd has more than 12 decimal places"),
        (
            0.1 + 0.2,
            (
                "cost_usd has over 15 significant digits and may have been rounded on its way "
                "here: send it as a string"
            ),
        ),
    ],
)
def test_a_refused_amount_has_a_reason(written: object, words: str) -> None:
    with localcontext(EXACT), pytest.raises(ValidationError) as refused:
        parse_amount(written, "cost_usd")
    assert (str(refused.value), refused.value.message) == (words, words)
    assert refused.value.field == "cost_usd"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1.00", "1"),
        ("100", "100"),
        ("2.50", "2.5"),
        ("0.00", "0"),
        (Decimal("-0.0"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.2300E+1"), "12.3"),
        (123.456789012, "123.456789012"),
        (123456.789012345, "123456.789012345"),
        ("0.0000000000010", "1E-12"),
        ("1." + "0" * 100, "1"),
    ],
)
def test_an_amount_is_kept_in_its_shortest_form(written: object, kept: str) -> None:
    with localcontext(EXACT):
        assert str(parse_amount(written, "cost_usd")) == kept


def test_the_callers_precision_takes_no_digit_away() -> None:
    amount = "123456789012.123456789012"
    with localcontext(prec=5):
        assert str(parse_amount(amount, "cost_usd")) == amount
        assert render(Decimal(amount)) == amount
        assert percent(Decimal("123456.78"), Decimal(1000)) == "12345.68"


@pytest.mark.parametrize("written", ["-999999999999.999999999999", "-0.000000000001"])
def test_an_adjustment_has_the_same_edges_below_zero(written: str) -> None:
    assert parse_amount(written, "amount_usd", signed=True) == Decimal(written)
    with pytest.raises(ValidationError):
        parse_amount("-1000000000000", "amount_usd", signed=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("-0", "0"),
        ("-0.00", "0"),
        ("0E-12", "0"),
        ("100", "100"),
        ("-2.50", "-2.5"),
        ("10.0", "10"),
    ],
)
def test_zeros_are_shown_only_where_they_matter(value: str, shown: str) -> None:
    assert render(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [("0.5", "0", "100"), ("-1", "0", "0"), ("1", "1", "100"), ("0", "5", "0"), ("0", "-3", "0")],
)
def test_anything_of_nothing_is_all_of_it(part: str, whole: str, shown: str) -> None:
    assert percent(Decimal(part), Decimal(whole)) == shown


def test_a_retry_with_other_content_is_refused_with_the_field_that_differs() -> None:
    stored = {"operation": "record", "cost_usd": "1", "agent": None}
    with pytest.raises(IdempotencyMismatchError) as refused:
        refuse_other_content(stored, {"operation": "record", "cost_usd": "2"}, "entry_id")
    assert refused.value.field == "cost_usd"
    assert refused.value.message == (
        "this entry_id was used before with another cost_usd; nothing was changed"
    )


def test_an_id_that_belongs_to_another_operation_is_itself_the_field_that_differs() -> None:
    stored = {"operation": "record", "cost_usd": "1"}
    with pytest.raises(IdempotencyMismatchError) as refused:
        refuse_other_content(stored, {"operation": "adjust"}, "entry_id")
    assert refused.value.field == "entry_id"
    assert refused.value.message == (
        "this entry_id was used before with another operation; nothing was changed"
    )


def test_what_a_retry_leaves_out_it_does_not_contradict_and_what_it_adds_it_does() -> None:
    stored = {"operation": "record", "cost_usd": "1", "agent": "planner"}
    assert first_difference(stored, {"cost_usd": "1", "agent": None}) is None
    assert first_difference(stored, {"cost_usd": "1", "model": "gpt-4o"}) == "model"


def test_an_outage_answers_with_retry_after() -> None:
    assert UnavailableError("try again").headers == {"retry-after": "1"}
    assert ValidationError("no").headers == {}
    assert ValidationError("no").field is None


@pytest.mark.parametrize("computed", ["1000000000000", "-1000000000000", "Infinity", "NaN"])
def test_a_computed_amount_of_1000000000000_usd_or_none_at_all_is_refused(computed: str) -> None:
    with localcontext(EXACT), pytest.raises(ValidationError) as refused:
        to_places(Decimal(computed), "cost")
    assert refused.value.message == "cost must be below 1000000000000 USD"
    assert refused.value.field == "cost"


def test_a_computed_amount_below_zero_is_refused_by_its_field() -> None:
    with localcontext(EXACT), pytest.raises(ValidationError) as refused:
        to_places(Decimal(-1), "cost")
    assert (refused.value.message, refused.value.field) == ("cost must not be negative", "cost")


@pytest.mark.parametrize(
    ("computed", "kept"),
    [
        ("0.0000000000005", "0"),
        ("0.0000000000015", "0.000000000002"),
        ("999999999999.0000000000025", "999999999999.000000000002"),
    ],
)
def test_a_computed_amount_is_rounded_half_even_at_12_places(computed: str, kept: str) -> None:
    with localcontext(EXACT):
        assert render(to_places(Decimal(computed), "cost")) == kept
