"""Each request leaves one line: tenant, operation, outcome, duration, and nothing else of it."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.entrypoints import checking
from budget_monitor.entrypoints.door.operations import Operation
from functions.checking import app
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, Door
from tests.support.log_lines import requests
from tests.support.memory.fixture import MemoryCloud

FIELDS = {"operation", "tenant_id", "outcome", "duration_ms", "door", "request_id"}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


def test_a_request_leaves_one_line_with_these_fields_alone(
    tenant: Tenant, door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    tenant.spend("0.123456", user="eve@example.com", tags=["secret-project"], agent="writer")
    (line,) = requests(capsys)
    assert line.keys() == FIELDS
    told = (line["operation"], line["tenant_id"], line["outcome"], line["door"])
    assert told == ("record_cost", tenant.id, "OK", door.name)
    assert line["duration_ms"] > 0
    assert line["request_id"]
    for word in ("eve", "secret", "0.123456", "writer"):
        assert word not in str(line)


def test_the_outcome_is_the_reason_of_a_refusal_or_the_code_of_an_error(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    tenant.call("check", agent_execution_id="run", estimated_cost_usd="11")
    tenant.call("check", agent_execution_id="run", estimated_cost_usd="-1")
    tenant.call("get_reservation", reservation_id="unknown")
    assert [one["outcome"] for one in requests(capsys)] == [
        "EXECUTION_EXCEEDED",
        "VALIDATION_ERROR",
        "NOT_FOUND",
    ]


def test_a_tenant_that_is_no_id_is_not_written(
    door: Door, cloud: MemoryCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Tenant(door, "a b\nc").call("tenant_usage").error == "VALIDATION_ERROR"
    assert [one["tenant_id"] for one in requests(capsys)] == [None]


def test_an_unexpected_exception_is_named_and_raised(
    cloud: MemoryCloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(checking, "OPERATIONS", [_broken(breaks)])
    with pytest.raises(KeyError):
        app.lambda_handler({"operation": "check", "tenant_id": "acme"}, Context())
    (line,) = requests(capsys)
    assert (line["operation"], line["outcome"]) == ("check", "KeyError")


def _broken(run: Any) -> Operation[Any]:
    return Operation("check", "POST", "/checks", run)
