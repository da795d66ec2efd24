"""Each kind of field: what is read, and that a refusal names the field."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door import parsers

READ: list[tuple[Callable[[object], Any], object, object]] = [
    (lambda raw: parsers.parse_id(raw, "f"), "a.b:c_d-1", "a.b:c_d-1"),
    (lambda raw: parsers.parse_count(raw, "f", 0, 5), Decimal(5), 5),
    (lambda raw: parsers.parse_flag(raw, "f"), True, True),
    (lambda raw: parsers.parse_choice(raw, "f", ("a", "b")), "b", "b"),
    (lambda raw: parsers.parse_time_zone(raw, "f"), "Europe/Berlin", "Europe/Berlin"),
]
REFUSED: list[tuple[Callable[[object], Any], object]] = [
    (lambda raw: parsers.parse_id(raw, "f"), "-a"),
    (lambda raw: parsers.parse_id(raw, "f"), "a" * 129),
    (lambda raw: parsers.parse_count(raw, "f", 0, 5), Decimal(6)),
    (lambda raw: parsers.parse_count(raw, "f", 0, 5), Decimal("1.5")),
    (lambda raw: parsers.parse_flag(raw, "f"), 1),
    (lambda raw: parsers.parse_choice(raw, "f", ("a", "b")), "c"),
    (lambda raw: parsers.parse_time_zone(raw, "f"), "Mars/Base"),
    (lambda raw: parsers.parse_object(raw, "f"), [1]),
    (lambda raw: parsers.parse_list(raw, "f", 2), [1, 2, 3]),
    (lambda raw: parsers.parse_tags(raw, "f", 2), ["a", "b", "c"]),
    (lambda raw: parsers.parse_arn(raw, "f"), "no-arn"),
]


@pytest.mark.parametrize(("parse", "raw", "value"), READ)
def test_a_good_value_is_read(parse: Callable[[object], Any], raw: object, value: object) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(("parse", "raw"), REFUSED)
def test_a_bad_value_is_refused_by_the_name_of_its_field(
    parse: Callable[[object], Any], raw: object
) -> None:
    with pytest.raises(ValidationError) as refused:
        parse(raw)
    assert refused.value.field == "f"
