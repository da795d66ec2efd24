"""Requests for more limit as plain values: their state, their keys and their stored form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import execution_key, workflow_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.approvals.outcomes import APPROVED, Outcome
from budget_monitor.domain.approvals.requests import Asker, RaiseRequest, Target
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.budgets import Budget

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TARGET = Target("cap", "user", "ana", "month", "2026-11", Decimal(10), Decimal(7), Decimal("0.5"))
REQUEST = RaiseRequest(
    tenant_id="acme",
    request_id="ask-1",
    target=TARGET,
    labels=Labels(agent_execution_id="run", workflow_execution_id="flow", tags=("blue",)),
    amount=Decimal(5),
    reason="two chapters are left",
    asker=Asker("agent", None, "ana"),
    created_at=NOON,
    expires_at=NOON + timedelta(days=7),
    request={"amount_usd": "5"},
)
ENDED = REQUEST.ended(
    Outcome(APPROVED, NOON, "maria", "fine", "arn", Decimal(3), "request:1", Decimal(13))
)


@pytest.mark.parametrize("request_", [REQUEST, ENDED, REQUEST.expired()])
def test_a_request_is_loaded_as_it_was_dumped(request_: RaiseRequest) -> None:
    assert RaiseRequest.load(request_.document, request_.dump()) == request_


@pytest.mark.parametrize(
    "damage",
    [{"outcome": {}}, {"target": {}}, {"amount_usd": "-5"}, {"created_at": "noon"}, {"labels": 1}],
)
def test_damage_is_noticed(damage: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError, ValidationError)):
        RaiseRequest.load(REQUEST.document, REQUEST.dump() | damage)


def test_its_state_is_open_until_7_days_later_and_then_expired() -> None:
    end = REQUEST.expires_at
    assert REQUEST.state_at(end - timedelta(microseconds=1)) == "open"
    assert REQUEST.state_at(end) == "expired"
    assert ENDED.state_at(end) == "approved"
    expired = REQUEST.expired()
    assert expired.outcome
    assert (expired.outcome.state, expired.outcome.at) == ("expired", end)


def test_its_document_has_version_1_while_open_and_2_with_its_outcome() -> None:
    assert (REQUEST.version, ENDED.version) == (1, 2)
    assert REQUEST.place.listing != ENDED.place.listing
    assert REQUEST.place.position == ENDED.place.position == "2026-11-22T12:00:00.000000Z#ask-1"


def test_what_was_available_is_the_limit_less_spent_and_held() -> None:
    assert TARGET.dump()["available_usd"] == "2.5"


def test_a_run_has_one_slot_for_each_budget() -> None:
    other_budget = replace(REQUEST, target=replace(TARGET, budget_id="other"))
    other_run = replace(REQUEST, labels=Labels(agent_execution_id="run-2"))
    again = replace(REQUEST, request_id="ask-2", amount=Decimal(9))
    assert again.slot == REQUEST.slot
    assert len({REQUEST.slot, other_budget.slot, other_run.slot}) == 3


def test_the_asker_is_known_by_name_caller_and_user() -> None:
    assert Asker("agent", "arn", "ana").names == ("agent", "arn", "ana")
    assert Asker(None, None, None).names == ()


@pytest.mark.parametrize(
    ("scope", "account"), [("workflow", workflow_key), ("execution", execution_key)]
)
def test_a_request_for_a_single_run_names_its_account(scope: str, account: Any) -> None:
    target = replace(TARGET, scope=scope, scope_id="run", kind="run")
    assert (target.of_run, TARGET.of_run) == (True, False)
    assert target.run("acme") == account("acme", "run")


def test_a_budget_is_still_the_one_asked_for_with_its_scope_and_period() -> None:
    budget = Budget("cap", "user", Decimal(99))
    assert TARGET.is_still(budget, "2026-11")
    assert not TARGET.is_still(budget, "2026-12")
    assert not TARGET.is_still(replace(budget, scope="agent"), "2026-11")
    assert not TARGET.is_still(replace(budget, period="day"), "2026-11")
