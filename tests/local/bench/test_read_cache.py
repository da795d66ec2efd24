"""Figures of checks in one situation."""

from __future__ import annotations

from local.bench.read_cache import Measured


def test_figures_are_median_95th_percentile_and_requests_of_a_check() -> None:
    found = Measured([float(number) for number in range(1, 101)], requests=150)
    assert found.figures() == {"p50_ms": 50.5, "p95_ms": 95.95, "requests": 1.5}
