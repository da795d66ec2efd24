"""CPU times of calls beside those of raw ones, with two rounds."""

from __future__ import annotations

import pytest

from local.bench.cpu import hot_path

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
