"""Cells of CSV that no spreadsheet reads as a formula, in any locale."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.usecases.exports.cells import JOINER, to_csv, to_json_lines

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def cell(value: Any, delimiter: str = ",") -> str:
    text = to_csv(["a"], [{"a": value}])
    return next(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))["a"]


@pytest.mark.parametrize("sign", [*SIGNS, "\t=", "\r+", "\t", " ="])
def test_a_text_that_begins_with_a_sign_gets_an_apostrophe(sign: str) -> None:
    assert cell(f"{sign}cmd").lstrip().startswith("'")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("separator", [";", ",", "|", "\t", "\n"])
def test_no_part_of_a_text_is_a_formula_where_another_locale_cuts_it(
    sign: str, separator: str
) -> None:
    text = to_csv(["a"], [{"a": f"x{separator}{sign}cmd"}])
    cells = [one for row in csv.reader(io.StringIO(text), delimiter=separator) for one in row]
    assert not [one for one in cells if one.strip().strip('"')[:1] in set(SIGNS)]


def test_numbers_keep_their_sign_and_lists_are_joined_by_what_is_no_separator() -> None:
    assert (cell(Decimal("-0.000001")), cell(7), cell(None)) == ("-0.000001", "7", "")
    assert cell(["a", "=b"]) == "a | '=b"
    assert JOINER.strip() not in {",", ";"}


def test_lines_end_with_crlf_and_quotes_are_doubled() -> None:
    assert to_csv(["a", "b"], [{"a": 'x"y', "b": "1,2"}]) == 'a,b\r\n"x""y","1,2"\r\n'


def test_json_lines_are_one_object_a_line_with_amounts_as_texts() -> None:
    text = to_json_lines([{"a": Decimal("0.10"), "b": None}, {"a": "line\nbreak", "b": ["x"]}])
    assert [json.loads(one) for one in text.splitlines()] == [
        {"a": "0.1", "b": None}, {"a": "line\nbreak", "b": ["x"]},
    ]  # fmt: skip
