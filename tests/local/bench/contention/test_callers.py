"""Loads on the model of conflicts, with few requests, and the figures of a load."""

from __future__ import annotations

import pytest

from local.bench.contention.callers import (
    Load,
    Request,
    default_stripes,
    figures,
    loads,
    overtaken,
    played,
)


@pytest.mark.usefixtures("botocore_set_up_once")
def test_one_caller_meets_no_conflict_and_a_request_takes_12_ms() -> None:
    found = played(Load(1, most_requests=6))
    assert (found["attempts_per_success"], found["p50_ms"], found["unavailable"]) == (1, 12, 0)


@pytest.mark.usefixtures("botocore_set_up_once")
def test_four_callers_of_one_tenant_conflict_and_all_are_served() -> None:
    found = played(Load(4, most_requests=12))
    assert found["attempts_per_success"] > 1
    assert found["unavailable"] == 0
    assert found["requests"] >= 12


def answered(began: float, ended: float, attempts: int = 1) -> Request:
    return Request(began, ended, attempts, served=True)


def test_figures_of_three_requests_one_of_which_got_a_503() -> None:
    requests = [answered(0, 1, 1), answered(0, 3, 4), Request(1, 4, 5, served=False)]
    found = figures(requests)
    assert found["attempts_per_success"] == 5
    assert (found["p50_ms"], found["most_ms"]) == (3000, 3000)
    assert (found["requests"], found["unavailable"]) == (3, 1)


def test_throughput_is_counted_until_the_last_request_began() -> None:
    requests = [answered(0, 1), answered(0, 2), answered(1, 2), answered(2, 9)]
    assert figures(requests)["pairs_per_second"] == 0.8  # 3 requests in 2 s


def test_a_request_is_overtaken_by_each_that_began_later_and_ended_before() -> None:
    waiting = [answered(0, 10)] * 100
    assert overtaken([*waiting, answered(1, 2), answered(3, 4)]) == 2
    assert overtaken([answered(0, 1), answered(2, 3)]) == 0


def test_the_templates_stripes_are_among_the_loads_of_the_goal() -> None:
    asked = {(one.callers, one.tenants, one.tenant_stripes, one.lock_ms) for one in loads()}
    assert (100, 1, default_stripes(), 10) in asked
