"""The dashboard in CloudWatch shows metrics that the code emits, and says what they mean."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from budget_monitor import tally
from budget_monitor.entrypoints.door.request_log import OPERATIONS
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.log_lines import request_metrics
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.knobs import scripted
from tests.support.paths import ROOT
from tests.support.rules.governing import WHO
from tests.support.template import translation
from tests.support.template.translation import of_type

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

DIMENSIONS = {"Operation", "Outcome", "Reason", "Stack"}
BY_CACHE = {tally.CACHE_HITS, tally.CACHE_MISSES}
"""Counted by the store with a cache; tests/behaviour/cache has one."""


def widgets() -> list[dict[str, Any]]:
    """The widgets, with the names that CloudFormation puts in."""
    (one,) = of_type(translation.translated(), "AWS::CloudWatch::Dashboard").values()
    text = one["DashboardBody"]["Fn::Sub"].replace("${!", "${")
    return list(json.loads(text)["widgets"])


def shown() -> set[str]:
    """The names of the metrics on the dashboard."""
    found = set[str]()
    for widget in widgets():
        for metric in widget["properties"].get("metrics", ()):
            named = re.search(r'MetricName="(\w+)"', json.dumps(metric).replace("\\", ""))
            if metric[0] == "BudgetMonitor":
                assert metric[2:4] == ["Stack", "${AWS::StackName}"]
                found.add(metric[1])
            else:
                assert named, metric
                found.add(named[1])
    return found


def emitted_by_requests(
    cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> list[dict[str, Any]]:
    """What a hold, its cost, a refusal, a fallback price and a conflict emit."""
    tenant = Tenant(DirectDoor())
    price = {"input_usd_per_million": "1", "output_usd_per_million": "1"}
    tenant.call("set_tenant", fallback_price=price, **WHO)
    tenant.settle(tenant.hold("1"), "1")
    tenant.reserve("11")
    usage = {"input_tokens": 10, "output_tokens": 0}
    tenant.call("record_cost", agent_execution_id="run", model="nobody-knows", usage=usage)
    cloud.database.conflicts = scripted(["TransactionConflict"])
    tenant.spend("1")
    return request_metrics(capsys)


def test_every_metric_on_the_dashboard_is_emitted_and_every_one_of_requests_is_on_it(
    memory_cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = emitted_by_requests(memory_cloud, capsys)
    by_requests = {name for line in lines for name in line} - DIMENSIONS
    code = "".join(
        one.read_text()
        for one in (ROOT / "layers" / "core" / "budget_monitor" / "entrypoints").rglob("*.py")
    )
    by_jobs = set(re.findall(r'metrics\.\w+\(\s*"(\w+)"', code))
    assert shown() <= by_requests | by_jobs | BY_CACHE
    assert by_requests | BY_CACHE <= shown()


def test_the_dimensions_of_requests_have_few_values_and_no_tenant_or_user(
    memory_cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = emitted_by_requests(memory_cloud, capsys)
    assert {one["Operation"] for one in lines} <= OPERATIONS
    assert {one.get("Outcome", "allow") for one in lines} == {"allow", "block"}
    assert {one["Stack"] for one in lines} == {"tests"}
    assert {name for one in lines for name in one if name[0].islower()} == set()


def test_each_group_of_the_dashboard_begins_with_a_text_that_explains_it() -> None:
    texts = [one for one in widgets() if one["type"] == "text"]
    assert [one["properties"]["markdown"].split("\n")[0] for one in texts] == [
        "## Money",
        "## Decisions",
        "## How it goes",
        "## Jobs",
    ]
    assert all(len(one["properties"]["markdown"]) > 150 for one in texts)


def test_widgets_do_not_overlap_and_fill_rows_of_24() -> None:
    rows = dict[int, int]()
    for one in widgets():
        rows[one["y"]] = rows.get(one["y"], 0) + one["width"]
    assert set(rows.values()) == {24}
