"""Requests for more limit: their stored form in full, and what a schedule does next and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.approvals.outcomes import APPROVED, Approval, Outcome
from budget_monitor.domain.approvals.requests import Asker, RaiseRequest, Target, request_list
from budget_monitor.domain.errors import ValidationError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TARGET = Target("cap", "user", "ana", "month", "2026-11", Decimal(10), Decimal(7), Decimal("0.5"))
APPROVAL = Approval(NOON, "bo", "fine", "jwt:bo", Decimal(4), "n1")
REQUEST = RaiseRequest(
    "acme",
    "ask-1",
    TARGET,
    Labels(agent_execution_id="run"),
    Decimal(5),
    "two chapters are left",
    Asker("agent", "arn", "ana"),
    NOON,
    NOON + 24 * HOUR,
    {"amount_usd": "5"},
    refused=Decimal("2.5"),
    forecast={"run_calls": 3},
    approvals=(APPROVAL,),
    escalates_at=NOON + HOUR,
    escalated_at=NOON + 2 * HOUR,
    times_out_at=NOON + 3 * HOUR,
    version=4,
)
AS_JSON: dict[str, Any] = {
    "target": {
        "budget_id": "cap",
        "scope": "user",
        "scope_id": "ana",
        "period": "2026-11",
        "limit_usd": "10",
        "spent_usd": "7",
        "held_usd": "0.5",
        "available_usd": "2.5",
    },
    "kind": "month",
    "labels": {"agent_execution_id": "run"},
    "amount_usd": "5",
    "reason": "two chapters are left",
    "by": "agent",
    "principal": "arn",
    "user": "ana",
    "created_at": "2026-11-22T12:00:00Z",
    "expires_at": "2026-11-23T12:00:00Z",
    "request": {"amount_usd": "5"},
    "outcome": None,
    "version": 4,
    "refused_usd": "2.5",
    "forecast": {"run_calls": 3},
    "approvals": [
        {
            "at": "2026-11-22T12:00:00Z",
            "by": "bo",
            "reason": "fine",
            "principal": "jwt:bo",
            "amount_usd": "4",
            "link": "n1",
        }
    ],
    "escalates_at": "2026-11-22T13:00:00Z",
    "escalated_at": "2026-11-22T14:00:00Z",
    "times_out_at": "2026-11-22T15:00:00Z",
}
OUTCOME = Outcome(APPROVED, NOON, "maria", "fine", "arn", Decimal(3), "request:1", Decimal(13))


def test_a_request_with_all_that_may_happen_to_it_is_kept() -> None:
    assert REQUEST.dump() == AS_JSON
    assert RaiseRequest.load(REQUEST.document, AS_JSON) == REQUEST


def test_an_outcome_is_kept_field_by_field() -> None:
    assert OUTCOME.dump() == {
        "state": "approved",
        "at": "2026-11-22T12:00:00Z",
        "by": "maria",
        "reason": "fine",
        "principal": "arn",
        "amount_usd": "3",
        "raise_id": "request:1",
        "own_limit_usd": "13",
    }
    empty = Outcome("expired", NOON)
    assert Outcome.load(empty.dump()) == empty


@pytest.mark.parametrize(("outcome", "version"), [(None, 1), (OUTCOME.dump(), 2)])
def test_a_request_of_before_there_were_versions_has_1_or_2(outcome: Any, version: int) -> None:
    rare = {"refused_usd", "forecast", "approvals", "escalates_at", "escalated_at", "times_out_at"}
    older = {name: one for name, one in AS_JSON.items() if name not in rare | {"version"}}
    loaded = RaiseRequest.load(REQUEST.document, older | {"outcome": outcome})
    assert loaded.version == version
    assert (loaded.refused, loaded.forecast, loaded.approvals) == (None, None, ())
    assert (loaded.escalates_at, loaded.escalated_at, loaded.times_out_at) == (None, None, None)


@pytest.mark.parametrize(
    ("damage", "field"),
    [
        ({"amount_usd": "x"}, "amount_usd"),
        ({"refused_usd": "x"}, "refused_usd"),
        ({"created_at": "x"}, "created_at"),
        ({"expires_at": "x"}, "expires_at"),
        ({"escalates_at": "x"}, "at"),
        ({"target": AS_JSON["target"] | {"held_usd": "x"}}, "held"),
        ({"approvals": [AS_JSON["approvals"][0] | {"at": "x"}]}, "at"),
        ({"approvals": [AS_JSON["approvals"][0] | {"amount_usd": "x"}]}, "amount_usd"),
        ({"outcome": OUTCOME.dump() | {"at": "x"}}, "at"),
        ({"outcome": OUTCOME.dump() | {"own_limit_usd": "x"}}, "amount_usd"),
    ],
)
def test_a_damaged_field_is_named(damage: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RaiseRequest.load(REQUEST.document, AS_JSON | damage)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({"escalated_at": None}, 1),
        ({}, 3),
        ({"times_out_at": None}, 24),
        ({"escalates_at": None, "escalated_at": None, "times_out_at": NOON + 99 * HOUR}, 24),
    ],
)
def test_a_schedule_looks_at_the_next_of_escalation_time_out_and_expiry(
    changes: dict[str, Any], hours: int
) -> None:
    assert replace(REQUEST, **changes).ends_at == NOON + hours * HOUR
    assert replace(REQUEST, outcome=OUTCOME).ends_at is None


def test_each_thing_that_happens_makes_one_more_version() -> None:
    assert REQUEST.ended(OUTCOME) == replace(REQUEST, outcome=OUTCOME, version=5)
    twice = replace(REQUEST, approvals=(APPROVAL, APPROVAL), version=5)
    assert REQUEST.approved_by(APPROVAL) == twice
    assert REQUEST.escalated(NOON) == replace(REQUEST, escalated_at=NOON, version=5)
    still = replace(REQUEST, escalates_at=None, times_out_at=None, version=5)
    assert REQUEST.without_times() == still


def test_keys_and_lists_have_their_names() -> None:
    assert (REQUEST.document.kind, REQUEST.document.name) == ("request", "ask-1")
    assert (REQUEST.slot.tenant_id, REQUEST.slot.kind) == ("acme", "request-slot")
    assert REQUEST.slot.name == "run##cap"
    flow = replace(REQUEST, labels=Labels(workflow_execution_id="flow"))
    assert flow.slot.name == "#flow#cap"
    assert request_list("acme", "open") == REQUEST.place.listing == "acme#request#open"
