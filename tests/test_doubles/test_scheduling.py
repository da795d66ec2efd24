"""Tests are dealt to workers in few units, and what belongs together goes to one worker."""

from __future__ import annotations

from collections import Counter

from tests.support.processes.scheduling import PARTS, FilesInParts


def test_400_tests_of_a_file_are_four_units_of_about_100_and_a_group_is_one() -> None:
    scheduling = FilesInParts.__new__(FilesInParts)  # it needs no run to tell the unit of a test
    scope_of = scheduling._split_scope  # noqa: SLF001 - what xdist calls
    tests = [f"tests/unit/test_money.py::test_a_sum[{n}]" for n in range(400)]

    units = Counter(map(scope_of, tests))
    groups = {scope_of(f"{one}@deployed") for one in tests}

    assert len(units) == PARTS
    assert min(units.values()) > 50
    assert groups == {"deployed"}
    assert not units.keys() & {scope_of("tests/unit/test_units.py::test_a_sum")}
