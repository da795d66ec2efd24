"""A body is one JSON object with exact numbers, or it is refused."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest

from budget_monitor.domain.errors import MalformedJsonError, TooLargeError
from budget_monitor.entrypoints.door.json_body import MAX_BYTES, MAX_DEPTH, parse_body


def test_numbers_are_exact_and_no_body_is_an_empty_object() -> None:
    assert parse_body('{"a": 0.1, "b": 2}') == {"a": Decimal("0.1"), "b": Decimal(2)}
    assert parse_body(None) == parse_body("  ") == {}
    assert parse_body(base64.b64encode(b'{"a": 1}').decode(), is_base64=True) == {"a": Decimal(1)}


@pytest.mark.parametrize(
    "body",
    ["[1]", "1", '{"a": 1, "a": 1}', '{"a": NaN}', '{"a": -Infinity}', "{", '{"a":' * 40 + "1"],
)
def test_anything_but_one_plain_object_is_malformed(body: str) -> None:
    with pytest.raises(MalformedJsonError):
        parse_body(body)


def test_nesting_of_32_is_read_and_of_33_is_refused() -> None:
    def nested(depth: int) -> str:
        return '{"a":' * depth + "1" + "}" * depth

    assert parse_body(nested(MAX_DEPTH))
    with pytest.raises(MalformedJsonError):
        parse_body(nested(MAX_DEPTH + 1))


def test_a_body_over_256_kb_is_too_large() -> None:
    with pytest.raises(TooLargeError):
        parse_body('"' + "x" * MAX_BYTES + '"')
