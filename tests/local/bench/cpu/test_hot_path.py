"""CPU times of calls beside those of raw ones, with two rounds."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType

import pytest

from budget_monitor.entrypoints.door.answer import answer
from local.bench.cpu import hot_path

CALLS = {"check": 800, "reserve": 850, "record_cost": 1030, "settle": 1170}
"""How many of our own functions a call may run in a warm process: each takes about half a
microsecond. Python 3.12 and later run fewer, because they have no functions for comprehensions."""

pytestmark = pytest.mark.usefixtures("botocore_set_up_once")


def test_each_call_has_its_time_that_of_the_raw_call_and_their_ratios() -> None:
    found = hot_path.measured(rounds=2)
    assert list(found) == ["check", "reserve", "record_cost", "settle"]
    for one in found.values():
        assert one["raw_us"] > one["http_us"] > 0
        assert one["ratio"] == pytest.approx(one["handler_us"] / one["raw_us"], rel=0.05)
        assert one["ratio_without_http"] > 0


def test_each_call_of_the_hot_path_is_one_request() -> None:
    found = hot_path.recorded()
    asked = {case.name: case.operation for case in found.cases}
    assert asked == {
        "check": "BatchGetItem",
        "reserve": "TransactWriteItems",
        "record_cost": "TransactWriteItems",
        "settle": "TransactWriteItems",
    }


def test_a_warm_call_runs_at_most_so_many_of_our_functions() -> None:
    ran, asked = Counter[str](), ""

    def note(frame: FrameType, happened: str, _: object) -> None:
        nonlocal asked
        if happened == "call" and frame.f_code is answer.__code__:
            asked = frame.f_locals["event"]["operation"]
            ran[asked] = 0
        if happened == "call" and frame.f_globals["__name__"].startswith("budget_monitor."):
            ran[asked] += 1

    hot_path.recorded()  # imports what is imported when it is first used
    sys.setprofile(note)
    try:
        hot_path.recorded()
    finally:
        sys.setprofile(None)
    assert {name: ran[name] for name in CALLS if ran[name] > CALLS[name]} == {}
