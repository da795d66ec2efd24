"""CPU times of calls beside those of raw ones, with two rounds of one call."""

from __future__ import annotations

import os
from unittest.mock import patch

import pytest
from botocore.endpoint import Endpoint

from local.bench.cpu import hot_path


@pytest.mark.usefixtures("botocore_set_up_once")
def test_each_call_has_its_time_that_of_the_raw_call_and_their_ratio(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with patch.dict(os.environ), monkeypatch.context() as restored:
        restored.setattr(Endpoint, "_get_response", vars(Endpoint)["_get_response"])
        found = hot_path.measured(rounds=2, batch=1)
    assert list(found) == ["check", "reserve", "record_cost", "settle"]
    for one in found.values():
        assert one["raw_us"] > 0
        assert one["ratio"] == pytest.approx(one["handler_us"] / one["raw_us"], rel=0.05)
