"""The figures of the page about costs are those of the template and of the requests."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.client import BaseClient

from tests.support.builders import Tenant
from tests.support.docs.pages import DOCS
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.template import translation
from tests.support.template.physical_names import metrics_of
from tests.support.template.translation import of_type

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

PAGE = (DOCS / "operate" / "costs.md").read_text()
RUN = {"workflow_execution_id": "flow", "workflow": "nightly", "agent": "writer", "model": "gpt-x"}


def test_the_items_of_a_guarded_call_are_counted(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One stripe: the first hold on another stripe of the month has one item more.
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    memory_cloud.start_another_process()
    tenant, calls = Tenant(DirectDoor()), list[Any]()
    tenant.settle(tenant.hold("1", agent_execution_id="run-1", **RUN), "0.5")
    original: Any = vars(BaseClient)["_make_api_call"]

    def noted(client: BaseClient, operation: str, request: Any) -> Any:
        calls.append((operation, len(request.get("TransactItems", []))))
        return original(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    hold = tenant.hold("1", agent_execution_id="run-2", include_gates=False, **RUN)
    tenant.settle(hold, "0.5", include_gates=False)

    said = [int(one) for one in re.findall(r"a transaction of (\d+) items", PAGE)]
    assert calls == [("TransactWriteItems", count) for count in said]


def test_the_alarms_and_their_metrics_are_counted() -> None:
    alarms = of_type(translation.translated(), "AWS::CloudWatch::Alarm").values()
    metrics = sum(len(metrics_of(one)) for one in alarms)
    assert f"{len(alarms)} alarms on {metrics} metrics (0.10 each: {metrics / 10:.2f})" in PAGE
    assert f"{len(alarms)} a stack" in (DOCS / "operate" / "deploy.md").read_text()


def test_the_sums_are_right() -> None:
    rows = re.findall(r"\| (\d+\.\d\d)(?: for each month kept)? \|$", PAGE, re.MULTILINE)
    assert round(sum(map(float, rows))) == 38
    for calls, idle, together in re.findall(r"\| ([\d,.]+) \| (\d+) \| ([\d,]+) USD", PAGE):
        whole = float(calls.replace(",", "")) + int(idle)
        assert int(together.replace(",", "")) == int(whole)
