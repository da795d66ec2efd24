"""The figures of the page about run holds are counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from budget_monitor_client.guard.runs import Run
from tests.clients.test_calls import RESPONSE, TERMS
from tests.support.clients.handlers import client, direct
from tests.support.clients.power import FaultyTransport
from tests.support.memory.fixture import MemoryCloud
from tests.support.paths import ROOT

if TYPE_CHECKING:
    import pytest

PAGE = ROOT / "docs" / "how-to" / "hold-for-a-run.md"


def written(cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, use: Any) -> tuple[int, int]:
    """DynamoDB requests, and write request units: two for each item of a transaction."""
    original: Any = vars(BaseClient)["_make_api_call"]
    calls: list[int] = []

    def noted(made: BaseClient, operation: str, request: Any) -> Any:
        calls.append(2 * len(request.get("TransactItems", [])))
        return original(made, operation, request)

    cloud.start_another_process()
    use("warm")
    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", noted)
        use("run-2")
    return len(calls), sum(calls)


def test_the_figures_of_the_page_are_those_of_20_calls(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    faulty = FaultyTransport(direct())
    budget = client(faulty)

    def calls(run: Run) -> None:
        for _ in range(20):
            with run.call(**TERMS) as call:
                call.done(RESPONSE)

    def pairs(name: str) -> None:
        with budget.run("figures", run_id=f"{name}-pairs", agent="writer") as run:
            calls(run)

    def draws(name: str) -> None:
        with budget.run("figures", run_id=f"{name}-draws", agent="writer") as run, run.hold(usd=2):
            calls(run)

    found = []
    for use in (pairs, draws):
        faulty.sent.clear()
        requests, units = written(memory_cloud, monkeypatch, use)
        found.append((len(faulty.sent) // 2, requests, units))
    said = re.findall(r"^\| .* \| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    assert [tuple(map(int, row)) for row in said] == found
