"""Attribute types: exact numbers, and damaged texts that are named as damaged."""

import json
from decimal import Decimal

import pytest
from pynamodb.attributes import Attribute
from pynamodb.exceptions import AttributeDeserializationError

from budget_monitor.adapters.dynamodb.rows.attributes import (
    AccountsAttribute,
    CountAttribute,
    DocumentAttribute,
    ExactAttribute,
    LevelAttribute,
    TermsAttribute,
    stored_instant,
)
from budget_monitor.domain.accounting.accounts import WorkflowTerms, tenant_key
from budget_monitor.domain.periods import sortable

SMALLEST = "0.000000000001"


@pytest.mark.parametrize("text", [SMALLEST, "999999999999.999999999999", "-0.1", "0"])
def test_a_decimal_is_stored_and_read_without_losing_a_digit(text: str) -> None:
    assert ExactAttribute().serialize(Decimal(text)) == text
    assert ExactAttribute().deserialize(text) == Decimal(text)


def test_an_exponent_is_written_out() -> None:
    assert ExactAttribute().serialize(Decimal("1E-12")) == SMALLEST


@pytest.mark.parametrize("value", [0.1, 1, "1", Decimal("NaN"), Decimal("Infinity")])
def test_only_a_finite_decimal_is_an_exact_number(value: Decimal) -> None:
    with pytest.raises(TypeError, match="not an exact number"):
        ExactAttribute().serialize(value)


def test_a_count_is_a_whole_number() -> None:
    assert (CountAttribute().serialize(7), CountAttribute().deserialize("7")) == ("7", 7)


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        (TermsAttribute(), "1"),
        (TermsAttribute(), "one/"),
        (TermsAttribute(), "1/much"),
        (LevelAttribute(), "4/10"),
        (LevelAttribute(), "four/10/under"),
        (AccountsAttribute(), "{"),
        (AccountsAttribute(), '["acme"]'),
        (AccountsAttribute(), "[1]"),
    ],
)
def test_a_damaged_text_is_named_as_damaged(attribute: Attribute[object], text: str) -> None:
    with pytest.raises(AttributeDeserializationError):
        attribute.deserialize(text)


def test_terms_and_accounts_are_read_as_they_were_written() -> None:
    terms, accounts = WorkflowTerms(2, Decimal("5.5")), (tenant_key("é", "2026-11"),)
    assert TermsAttribute().deserialize(TermsAttribute().serialize(terms)) == terms
    stored = AccountsAttribute().serialize(accounts)
    assert (AccountsAttribute().deserialize(stored), "é" in stored) == (accounts, True)


def test_a_document_takes_4_bytes_for_an_emoji_and_not_12() -> None:
    stored = DocumentAttribute().serialize({"reason": "\U0001f600"})
    assert len(stored.encode()) == len('{"reason":""}') + 4
    assert json.loads(stored) == {"reason": "\U0001f600"}


def test_a_stored_instant_is_read_to_the_microsecond() -> None:
    text = "2026-11-22T10:00:00.000001Z"
    assert sortable(stored_instant(text)) == text
