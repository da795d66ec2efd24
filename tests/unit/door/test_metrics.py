"""Metrics of jobs are printed in CloudWatch's embedded metric format."""

from __future__ import annotations

import json

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from budget_monitor.adapters.system import PrintedMetrics

metrics = PrintedMetrics("two")


def test_a_count_is_printed_with_its_namespace_name_and_unit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics.count("HoldsExpired", 3, "2026-11")
    printed = json.loads(capsys.readouterr().out)
    (group,) = printed["_aws"]["CloudWatchMetrics"]
    assert group["Namespace"] == "BudgetMonitor"
    assert group["Dimensions"] == [["Stack"]]
    assert printed["Stack"] == "two"
    assert group["Metrics"] == [{"Name": "HoldsExpired", "Unit": "Count"}]
    assert printed["HoldsExpired"] == [3.0]
    assert printed["month"] == "2026-11"


def test_an_age_is_printed_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.seconds("ReconcileAge", 90.0)
    printed = json.loads(capsys.readouterr().out)
    assert printed["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] == "Seconds"
