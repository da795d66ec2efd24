"""What time does to an open request: escalation, the default decision, expiry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import MARIA, approve, ask, deny, read
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import budgets, cap, delete_budget
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")
ONE, TWO = "2026-11-22T13:00:00Z", "2026-11-22T14:00:00Z"
HOUR = 3600
ESCALATES = {"escalation": {"after_seconds": HOUR, "to": ["head", "cfo"]}}
NOTHING = {"woken": 0, "alerts": 0, "expired": 0}


def rules(tenant: Tenant, **given: Any) -> None:
    tenant.call("set_authority", **given, **MARIA)


def default(decision: str, **given: Any) -> dict[str, Any]:
    return {"time_out": {"after_seconds": 2 * HOUR, "decision": decision, **given}}


def wake(tenant: Tenant, when: str) -> dict[str, Any]:
    with at(when, tick=False):
        return DirectDoor().call("wake").body


def kinds(tenant: Tenant) -> list[str]:
    return [one["kind"] for one in tenant.call("alerts").body["items"]]


def test_after_an_hour_without_an_answer_further_people_are_alerted_once(tenant: Tenant) -> None:
    rules(tenant, **ESCALATES)
    ask(tenant, request_id="ask-1")
    assert read(tenant, "ask-1")["escalates_at"] == ONE
    assert wake(tenant, "2026-11-22T12:59:59Z") == NOTHING
    assert wake(tenant, ONE) == NOTHING
    assert wake(tenant, TWO) == NOTHING
    assert kinds(tenant).count("raise_escalated") == 1
    alert = tenant.call("alerts").body["items"][0]
    assert (alert["kind"], alert["escalated_to"]) == ("raise_escalated", ["head", "cfo"])
    shown = read(tenant, "ask-1")
    assert (shown["state"], shown["escalated_at"]) == ("open", ONE)
    assert approve(tenant, "ask-1").body["state"] == "approved"


def test_an_answered_request_is_not_escalated(tenant: Tenant) -> None:
    rules(tenant, **ESCALATES)
    ask(tenant, request_id="ask-1")
    deny(tenant, "ask-1")
    assert wake(tenant, ONE) == NOTHING
    assert "raise_escalated" not in kinds(tenant)


@pytest.mark.parametrize("budget_id", ["cap", "execution"])
def test_after_two_hours_the_default_approves_3_of_5_usd(
    tenant: Tenant, cloud: MemoryCloud, budget_id: str
) -> None:
    rules(tenant, **ESCALATES, **default("approve", up_to_usd="3"))
    cap(tenant, "2", period="month")
    ask(tenant, "5", request_id="ask-1", budget_id=budget_id)
    assert wake(tenant, ONE) == NOTHING
    assert wake(tenant, TWO) == NOTHING
    shown = read(tenant, "ask-1")
    decision = shown["decision"]
    assert (shown["state"], decision["by"], decision["reason"], decision["amount_usd"]) == (
        "approved",
        "budget monitor",
        "no answer within 7200 s",
        "3",
    )
    assert budgets(tenant)["cap"]["limit_usd"] == ("5" if budget_id == "cap" else "2")
    assert wake(tenant, TWO) == NOTHING
    assert not differences(cloud.rows())


def test_after_two_hours_the_default_denies(tenant: Tenant) -> None:
    rules(tenant, **default("deny"))
    ask(tenant, request_id="ask-1")
    assert wake(tenant, TWO) == NOTHING
    assert read(tenant, "ask-1")["decision"]["by"] == "budget monitor"


def test_a_default_that_cannot_raise_any_more_denies(tenant: Tenant) -> None:
    rules(tenant, **default("approve", up_to_usd="3"))
    cap(tenant, "2", period="month")
    ask(tenant, "5", request_id="ask-1", budget_id="cap")
    delete_budget(tenant, "cap")
    assert wake(tenant, TWO) == NOTHING
    assert read(tenant, "ask-1")["state"] == "denied"


def test_a_default_that_was_removed_decides_nothing(tenant: Tenant) -> None:
    rules(tenant, **default("approve", up_to_usd="3"))
    ask(tenant, request_id="ask-1")
    rules(tenant)
    assert wake(tenant, TWO) == NOTHING
    shown = read(tenant, "ask-1")
    assert (shown["state"], shown["times_out_at"]) == ("open", None)
    assert approve(tenant, "ask-1").body["state"] == "approved"


def test_a_request_that_ends_within_the_hour_is_neither_escalated_nor_decided(
    tenant: Tenant,
) -> None:
    rules(tenant, **ESCALATES, **default("deny"))
    ask(tenant, request_id="ask-1", expires_in_seconds=HOUR)
    shown = read(tenant, "ask-1")
    assert (shown["escalates_at"], shown["times_out_at"]) == (None, None)
    assert wake(tenant, ONE) == NOTHING | {"expired": 1}
