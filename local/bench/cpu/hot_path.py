"""Section: CPU time of a whole handler call beside one raw botocore call of the same request."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore import xform_name

from budget_monitor.parts import parts_of
from functions.checking.app import lambda_handler as checking
from functions.tracking.app import lambda_handler as tracking
from local.bench.cpu.loopback import Answers, Meter, kept_answers, served
from local.bench.memory import memory_cloud
from local.bench.progress import counted

WARM_UP = 20
LABELS = {
    "tenant_id": "acme",
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "agent": "writer",
    "model": "gpt-x",
}
CHECK = {"operation": "check", "estimated_cost_usd": "0.01", **LABELS}
RESERVE = {**CHECK, "operation": "reserve", "include_gates": False}
RECORD = {"operation": "record_cost", "cost_usd": "0.01", "include_gates": False, **LABELS}
Handler = Callable[[dict[str, Any], object], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """One call of a function, and the request to DynamoDB that it makes."""

    name: str
    handler: Handler
    event: dict[str, Any]
    operation: str
    request: dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """The cases, the answers to their requests, and the environment in which they were made."""

    cases: list[Case]
    answers: Answers
    environment: Mapping[str, str]


def recorded() -> Recorded:
    """Return each case as it is in a process that knows the tenant's rules."""
    with memory_cloud(), kept_answers() as kept:
        checking(dict(CHECK), None)
        held = checking(dict(RESERVE), None)["reservation"]
        settle = {
            "operation": "settle",
            "tenant_id": LABELS["tenant_id"],
            "reservation_id": held["reservation_id"],
            "receipt": held["receipt"],
            "cost_usd": "0.01",
            "include_gates": False,
        }
        cases = []
        for name, handler, event in (
            ("check", checking, CHECK),
            ("reserve", checking, RESERVE),
            ("record_cost", tracking, RECORD),
            ("settle", tracking, settle),
        ):
            before = len(kept)
            handler(dict(event), None)
            ((operation, request),) = kept[before:]
            cases.append(Case(name, handler, event, operation, request))
        return Recorded(cases, kept.answers, dict(os.environ))


def _cpu(act: Callable[[], Any], http: Meter) -> tuple[float, float]:
    """Return microseconds of CPU time of one act, and how much of it was the HTTP exchange."""
    started, exchanged = time.process_time_ns(), http.spent
    act()
    return (time.process_time_ns() - started) / 1000, (http.spent - exchanged) / 1000


def _pair(case: Case, client: Any, rounds: int) -> dict[str, Any]:  # noqa: ANN401
    raw, http = getattr(client, xform_name(case.operation)), Meter()
    ways: dict[str, Callable[[], Any]] = {
        "raw": lambda: raw(**case.request),
        "handler": lambda: case.handler(dict(case.event), None),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with http.running():
        for act in (*ways.values(),) * WARM_UP:
            act()  # the first calls fill caches
        for _ in counted(range(rounds), f"CPU of {case.name}"):
            for name, act in ways.items():
                found[name].append(_cpu(act, http))
    (raw_us, raw_http), (handler_us, handler_http) = (
        [statistics.median(each) for each in zip(*found[name], strict=True)] for name in ways
    )
    return {
        "raw_us": round(raw_us),
        "handler_us": round(handler_us),
        "ratio": round(handler_us / raw_us, 2),
        "http_us": round(raw_http),
        "ratio_without_http": round((handler_us - handler_http) / (raw_us - raw_http), 2),
    }


def measured(rounds: int) -> dict[str, Any]:
    """Return the CPU time of each call, and of the raw one: medians of calls that take turns."""
    found = recorded()
    with served(found.answers) as address, pytest.MonkeyPatch.context() as patch:
        for name, value in {**found.environment, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        parts_of.cache_clear()  # its client has the address of the recording
        client = boto3.client("dynamodb")
        return {case.name: _pair(case, client, rounds) for case in found.cases}
