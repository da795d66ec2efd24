"""Values: as Python's own frozen dataclasses behave, and defined with less."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import field
from typing import Any

import pytest

from budget_monitor.domain.values import dataclass


@pytest.fixture
def point() -> Any:
    """A class of two numbers, and a note that is neither compared nor shown.

    Tests define their classes themselves: `make mutate` changes how a class is defined.
    """

    @dataclass(frozen=True, slots=True)
    class Point:
        __qualname__ = "Point"
        x: int
        y: int = 0
        note: str = field(default="", compare=False, repr=False)

    return Point


@dataclass(frozen=True)
class Other:
    """The same numbers in another class."""

    x: int
    y: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """Says itself how it is shown and compared."""

    text: str

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return f"<{self.text}>"


@dataclass(slots=True)
class Changing:
    """Not frozen: a usual dataclass."""

    x: int


@pytest.fixture
def nothing() -> Any:
    """A class without a field."""

    @dataclass(frozen=True, slots=True)
    class Nothing:
        __qualname__ = "Nothing"

    return Nothing


def test_two_values_with_equal_fields_are_equal_and_one_key_of_a_dictionary(
    point: Any,
    nothing: Any,
) -> None:
    assert point(1, 2) == point(1, 2, note="other")
    assert point(1, 2) != point(1, 3)
    assert {point(1, 2): "here"}[point(1, 2)] == "here"
    assert hash(point(1, 2)) != hash(point(1, 3))
    assert nothing() == nothing()
    assert hash(nothing()) == hash(nothing())


def test_values_of_two_classes_are_never_equal(point: Any) -> None:
    one: Any = point(1, 2)
    other: Any = Other(1, 2)
    assert one != other
    assert one != (1, 2)


def test_a_value_shows_its_fields_but_those_that_are_hidden(point: Any, nothing: Any) -> None:
    assert repr(point(1, 2, note="secret")) == "Point(x=1, y=2)"
    assert repr(nothing()) == "Nothing()"


def test_methods_that_a_class_has_are_kept() -> None:
    assert repr(Said("so")) == "<so>"
    assert Said("a") == Said("b")
    assert hash(Said("a")) == 7


def test_values_are_replaced_copied_and_listed_like_dataclasses(point: Any) -> None:
    moved = dataclasses.replace(point(1, 2, note="kept"), x=5)
    assert (moved.x, moved.y, moved.note) == (5, 2, "kept")
    assert copy.deepcopy(point(1, 2)) == point(1, 2)
    assert [one.name for one in dataclasses.fields(point)] == ["x", "y", "note"]
    assert dataclasses.asdict(Other(1, 2)) == {"x": 1, "y": 2}


def test_a_class_with_slots_takes_no_other_attribute(point: Any) -> None:
    one = point(1)
    with pytest.raises(AttributeError):
        one.z = 3


def test_a_value_of_a_mutable_field_has_no_hash() -> None:
    listed: Any = Other([])  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        hash(listed)


def test_a_class_that_is_not_frozen_changes_and_has_no_hash() -> None:
    one: Any = Changing(1)
    one.x = 2
    assert one == Changing(2)
    with pytest.raises(TypeError):
        hash(one)
