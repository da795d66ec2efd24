"""The jobs' objects are made once per environment, and another environment gets others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from budget_monitor import bootstrap_jobs
from tests.support.memory.fixture import MemoryCloud


@pytest.mark.parametrize("function", [bootstrap_jobs.alerting, bootstrap_jobs.resetting])
def test_two_runs_of_a_process_share_its_clock_and_another_deployment_does_not(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, function: Callable[[], Any]
) -> None:
    monkeypatch.setenv("ALERT_TOPIC_ARN", "arn:aws:sns:eu-central-1:000000000000:alerts")
    first, second = function(), function()
    assert first.clock is second.clock
    assert first.services is not None
    memory_cloud.start_another_process()
    assert function().clock is not first.clock
