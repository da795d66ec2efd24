"""A budget with the action `ask` refuses and leaves one open request for its run."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.support.approvals.asking import MARIA, RUN, approve, ask, deny, listed, read
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, Door
from tests.support.dynamodb.calls import recorded_calls
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import cap, set_budget, set_system
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")
LATER = "2026-11-22T13:00:00Z"
ASKS = {"period": "month", "action": "ask"}


@pytest.fixture(autouse=True)
def _runs_without_limits(cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXECUTION_LIMIT_USD", "none")


def refused(tenant: Tenant, amount: str = "2", **fields: Any) -> dict[str, Any]:
    answer = tenant.reserve(amount, **RUN | fields)
    assert answer.has_status(200)
    assert (answer.body["allowed"], answer.body["action"]) == (False, "block")
    return answer.body


def test_a_refusal_at_9_of_10_usd_leaves_a_request_with_its_figures(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "10", **ASKS)
    for _ in range(3):
        tenant.spend("3", **RUN)
    with at(LATER, tick=False):
        body = refused(tenant, "2", user="ana")
        request = read(tenant, body["request_id"])
    assert (request["state"], request["budget_id"], request["by"]) == ("open", "cap", None)
    assert (request["refused_usd"], request["available_usd"], request["amount_usd"]) == (
        "2",
        "1",
        "1",
    )
    assert request["reason"].startswith("refused: Budget cap exceeded: ")
    assert request["forecast"] == {
        "run_spent_usd": "9",
        "run_held_usd": "0",
        "run_calls": 3,
        "usd_per_call": "3",
        "calls_more": 0,
        "usd_per_hour": "9",
        "minutes_more": 6,
    }
    kinds = [one["kind"] for one in tenant.call("alerts").body["items"]]
    assert kinds.count("raise_requested") == 1
    assert "blocked" not in kinds, "one message for one refusal"
    assert not differences(cloud.rows())


def test_it_asks_for_a_tenth_of_the_limit_or_for_what_is_lacking_if_that_is_more(
    tenant: Tenant,
) -> None:
    cap(tenant, "10", **ASKS)
    first = refused(tenant, "10.2")
    assert read(tenant, first["request_id"])["amount_usd"] == "1"
    second = refused(tenant, "17", agent_execution_id="run-2")
    assert read(tenant, second["request_id"])["amount_usd"] == "7"


def test_a_repeated_refusal_names_the_same_request_and_writes_nothing(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "10", **ASKS)
    first = refused(tenant, "20")
    refused(tenant, "20")
    before = cloud.rows()
    with recorded_calls() as calls:
        assert refused(tenant, "20")["request_id"] == first["request_id"]
    assert cloud.rows() == before
    assert [one.operation for one in calls if one.wrote] == []
    assert len(calls) == 3, "the refusal, the slot, the request"


def test_other_actions_leave_no_request_and_a_check_leaves_none(tenant: Tenant) -> None:
    cap(tenant, "10", **ASKS)
    check = tenant.check("20", **RUN).body
    assert (check["allowed"], check["request_id"]) == (False, None)
    granted = tenant.reserve("1", **RUN).body
    assert granted["request_id"] is None
    cap(tenant, "10", period="month", action="block")
    assert refused(tenant, "20")["request_id"] is None
    assert listed(tenant) == []


def test_a_request_that_the_run_made_by_hand_is_the_one(tenant: Tenant) -> None:
    cap(tenant, "10", **ASKS)
    ask(tenant, "5", request_id="by-hand", budget_id="cap")
    assert refused(tenant, "20")["request_id"] == "by-hand"


def test_after_an_approval_the_run_goes_on_and_its_next_refusal_asks_again(
    tenant: Tenant,
) -> None:
    cap(tenant, "10", **ASKS)
    first = refused(tenant, "20")["request_id"]
    assert approve(tenant, first).body["decision"]["amount_usd"] == "10"
    assert tenant.reserve("20", **RUN).body["allowed"]
    second = refused(tenant, "1")["request_id"]
    assert second != first
    assert read(tenant, second)["amount_usd"] == "2"


def test_after_a_denial_no_refusal_asks_again_for_seven_days(tenant: Tenant) -> None:
    cap(tenant, "10", scope="tenant", period="total", action="ask")
    first = refused(tenant, "20")["request_id"]
    deny(tenant, first)
    assert refused(tenant, "20")["request_id"] is None
    with at("2026-11-29T12:00:00Z", tick=False):
        assert refused(tenant, "20")["request_id"] not in {None, first}


def test_each_run_and_each_budget_has_a_request_of_its_own(tenant: Tenant) -> None:
    cap(tenant, "10", **ASKS)
    set_budget(tenant, "execution", "5", action="ask")
    names = {
        refused(tenant, "6")["request_id"],
        refused(tenant, "6", agent_execution_id="run-2")["request_id"],
    }
    set_budget(tenant, "execution", "50")
    names.add(refused(tenant, "11")["request_id"])
    assert len(names) == 3
    scopes = [read(tenant, one)["scope_id"] for one in sorted(names)]
    assert sorted(scopes) == sorted(["run-1", "run-2", tenant.id])


def test_an_execution_budget_that_asks_gives_the_run_a_limit_of_its_own(tenant: Tenant) -> None:
    set_budget(tenant, "execution", "5", action="ask")
    name = refused(tenant, "6")["request_id"]
    assert approve(tenant, name).body["decision"]["own_limit_usd"] == "6"
    assert tenant.reserve("6", **RUN).body["allowed"]


def test_a_default_of_all_tenants_asks_too(tenant: Tenant) -> None:
    answer = set_system(tenant.door, "tenant-month", "3", action="ask")
    assert answer.has_status(200)
    name = refused(tenant, "4")["request_id"]
    approve(tenant, name)
    assert tenant.reserve("4", **RUN).body["allowed"]


@pytest.mark.parametrize(
    "fields",
    [
        {"limit": None},
        {"limit": "5", "limit_calls": 3},
        {"limit": "5", "scope": "agent", "scope_id": "*"},
    ],
)
def test_a_budget_that_no_approval_could_raise_cannot_ask(
    tenant: Tenant, fields: dict[str, Any]
) -> None:
    answer = cap(tenant, action="ask", **fields)
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", "action")


def test_the_systems_month_cannot_ask(door: Door) -> None:
    answer = set_system(door, "system-month", "5", action="ask")
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", "action")


def test_no_run_approves_the_request_of_its_own_refusal(
    cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUR_EYES", "true")
    tenant = Tenant(DirectDoor())
    cap(tenant, "10", **ASKS)
    name = refused(tenant, "20", user="Maria")["request_id"]
    assert approve(tenant, name).error == "FORBIDDEN"
    assert approve(tenant, name, **MARIA | {"by": "paul"}).body["state"] == "approved"


def test_a_request_that_cannot_be_stored_leaves_the_refusal_as_it_is(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from budget_monitor.domain.errors import UnavailableError  # noqa: PLC0415
    from budget_monitor.usecases.approvals import ask_for_refused  # noqa: PLC0415

    def down(*_: Any) -> None:
        raise UnavailableError("down")

    cap(tenant, "10", **ASKS)
    monkeypatch.setattr(ask_for_refused, "authority_of", down)
    with caplog.at_level(logging.ERROR):
        assert refused(tenant, "20")["request_id"] is None
    assert "a refusal could not ask for more limit" in caplog.text
