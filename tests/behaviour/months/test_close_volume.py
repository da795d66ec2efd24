"""Hundreds of tenants close by fan-out, and no invocation passes its time.

CLOSE_TENANTS=10000 is its full length: a minute and a half.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from budget_monitor import deadline
from budget_monitor.adapters.aws.self_invoke import SelfInvoke
from budget_monitor.usecases.months.close import MonthClose
from functions.resetting import app as resetting
from tests.support.doors.doors import Context
from tests.support.memory.fixture import MemoryCloud
from tests.support.months.closing import alerts
from tests.support.thorough import size
from tests.support.times import at

TENANTS = int(os.environ.get("CLOSE_TENANTS", size(100, 600)))
SECONDS = 300.0
A_CLOSE = size(6, 1)
"""How many seconds the close of one tenant is taken to last: all are two invocations' time."""


def fill(cloud: MemoryCloud) -> None:
    """An account of the month for each tenant, its agent and its model, and the system's."""
    table = cloud.tables["AccountsTable"]

    def put(pk: str, spent: str, **more: str) -> None:
        row: dict[str, Any] = {name: {"S": value} for name, value in more.items()}
        counts = {"spent": {"N": spent}, "committed": {"N": spent}, "entries": {"N": "1"}}
        item = {"pk": {"S": pk}, **counts, **row}
        cloud.database.execute("PutItem", {"TableName": table, "Item": item})

    for n in range(TENANTS):
        name = f"t{n:05}"
        put(f"{name}#tenant#{name}#2026-11", "0.01", listing="*#tenant#2026-11")
        put(f"{name}#agent#writer#2026-11", "0.01", listing=f"{name}#agent#2026-11")
        put(f"{name}#model#gpt-x#2026-11", "0.01", listing=f"{name}#model#2026-11")
    put("*#system#system#2026-11", str(Decimal("0.01") * TENANTS))
    table_row = {"TableName": table, "Key": {"pk": {"S": "*#system#system#2026-11"}}}
    whole = cloud.database.execute("GetItem", table_row)["Item"]
    whole["entries"] = {"N": str(TENANTS)}
    cloud.database.execute("PutItem", {"TableName": table, "Item": whole})


class Lane(Context):
    """An invocation with five minutes, of which each tenant takes a part."""

    def get_remaining_time_in_millis(self) -> int:
        return int(SECONDS * 1000)


def test_a_hundred_tenants_and_more_are_closed_once_and_no_invocation_passes_its_time(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(memory_cloud)
    clock, events, met = [0.0], list[dict[str, Any]](), Counter[str]()
    close: Callable[[Any, str, str], str] = MonthClose.close

    def pass_on(_: SelfInvoke, event: dict[str, Any]) -> None:
        events.append(json.loads(json.dumps(event)))

    def timed(self: MonthClose, tenant_id: str, month: str) -> str:
        met[tenant_id] += 1
        clock[0] += A_CLOSE
        return close(self, tenant_id, month)

    monkeypatch.setattr(SelfInvoke, "pass_on", pass_on)
    monkeypatch.setattr(MonthClose, "close", timed)
    monkeypatch.setattr(deadline, "monotonic", lambda: clock[0])
    answers, longest = list[dict[str, Any]](), 0.0
    with at("2026-12-02T03:00:00Z"):
        events.append({"operation": "close_month"})
        while events:
            began = clock[0]
            answers.append(resetting.lambda_handler(events.pop(0), Lane()))
            longest = max(longest, clock[0] - began)

    assert sum(one["statements"] for one in answers) == TENANTS + 1
    assert set(met.values()) == {1}
    assert not any(one["failed"] for one in answers)
    assert longest <= SECONDS - deadline.END_SECONDS + A_CLOSE
    assert len(answers) < 50
    assert len(alerts(memory_cloud)) == TENANTS + 1
