"""People approve or deny a request: the raise, and who may."""

from __future__ import annotations

import pytest

from tests.support.approvals.asking import MARIA, approve, ask, deny, listed, read
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, HttpDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import budgets, cap, delete_budget, lift
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")
LATER = "2026-11-22T12:05:00Z"


def test_an_approval_raises_the_budget_for_its_present_period(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, "1.5", request_id="ask-1", budget_id="cap")
    with at(LATER, tick=False):
        answer = approve(tenant, "ask-1")
    assert answer.has_status(200)
    decision = answer.body["decision"]
    raise_id = decision.pop("raise_id")
    assert answer.body["state"] == "approved"
    assert decision == {
        "state": "approved",
        "at": LATER,
        "by": "maria",
        "reason": "it is worth it",
        "principal": decision["principal"],
        "amount_usd": "1.5",
        "own_limit_usd": None,
    }
    shown = budgets(tenant)["cap"]
    assert (shown["limit_usd"], shown["base_limit_usd"]) == ("3.5", "2")
    (made,) = shown["raises"]
    assert (made["raise_id"], made["by"], made["reason"], made["period"]) == (
        raise_id,
        "maria",
        "it is worth it",
        "2026-11",
    )
    assert tenant.reserve("3.5").body["allowed"]
    (change, _) = tenant.call("budget_history", budget_id="cap").body["items"]
    assert (change["operation"], change["by"], change["before"]["raises"]) == (
        "approve",
        "maria",
        [],
    )
    assert not differences(cloud.rows())


def test_an_approval_may_give_less_than_was_asked_and_never_more(tenant: Tenant) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, "3", request_id="ask-1", budget_id="cap")
    for amount in ("3.01", "0", "-1"):
        refused = approve(tenant, "ask-1", amount_usd=amount)
        assert (refused.error, refused.field) == ("VALIDATION_ERROR", "amount_usd")
    assert approve(tenant, "ask-1", amount_usd="1").body["decision"]["amount_usd"] == "1"
    assert budgets(tenant)["cap"]["limit_usd"] == "3"


def test_a_denial_raises_nothing_and_says_who_and_why(tenant: Tenant) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, request_id="ask-1", budget_id="cap")
    assert deny(tenant, "ask-1", amount_usd="1").field == "amount_usd"
    answer = deny(tenant, "ask-1", reason="too dear").body
    assert (answer["state"], answer["decision"]["by"], answer["decision"]["reason"]) == (
        "denied",
        "maria",
        "too dear",
    )
    assert budgets(tenant)["cap"]["limit_usd"] == "2"


@pytest.mark.parametrize("budget_id", ["cap", "execution"])
def test_a_request_has_one_answer(tenant: Tenant, budget_id: str) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, "1", request_id="ask-1", budget_id=budget_id)
    first = approve(tenant, "ask-1").body
    for second in (
        approve(tenant, "ask-1", by="paul"),
        approve(tenant, "ask-1", amount_usd="0.5"),
        deny(tenant, "ask-1"),
    ):
        assert second.error == "CONFLICT"
        assert "approved by maria" in second.message
    again = approve(tenant, "ask-1")
    assert again.body == {**first, "replayed": True}
    assert read(tenant, "ask-1") == first
    assert budgets(tenant)["cap"]["limit_usd"] == ("3" if budget_id == "cap" else "2")


@pytest.mark.parametrize("budget_id", ["cap", "execution"])
def test_an_idempotency_key_names_an_answer(tenant: Tenant, budget_id: str) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, "1", request_id="ask-1", budget_id=budget_id)
    ask(tenant, "1", request_id="ask-2", agent_execution_id="run-2", budget_id=budget_id)
    first = approve(tenant, "ask-1", idempotency_key="k1").body
    assert approve(tenant, "ask-1", idempotency_key="k1").body == {**first, "replayed": True}
    other = approve(tenant, "ask-2", idempotency_key="k1")
    assert (other.error, other.field) == ("IDEMPOTENCY_MISMATCH", "request_id")
    assert deny(tenant, "ask-2", idempotency_key="k2").body["state"] == "denied"
    assert deny(tenant, "ask-2", idempotency_key="k2").body["replayed"]


@pytest.mark.parametrize("budget_id", ["execution", "tenant-month"])
def test_the_tenants_owner_approves_no_raise_of_its_own_budgets(
    tenant: Tenant, budget_id: str
) -> None:
    tenant.call("set_tenant", owner="Olga", by="paul", reason="she leads it")
    ask(tenant, request_id="ask-1", budget_id=budget_id)
    assert approve(tenant, "ask-1", by="olga").error == "FORBIDDEN"
    assert read(tenant, "ask-1")["state"] == "open"
    assert approve(tenant, "ask-1").body["state"] == "approved"


def test_four_eyes_refuse_the_asker_as_approver(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, same = tenant.through(DirectDoor()), {"by": "Maria", "user": "ana"}
    ask(agent, request_id="ask-0", agent_execution_id="run-0", **same)
    assert approve(tenant, "ask-0").body["state"] == "approved"

    monkeypatch.setenv("FOUR_EYES", "true")
    ask(agent, request_id="ask-1", **same)
    for by in ("maria", "MARIA ", "Ana"):
        refused = approve(tenant, "ask-1", by=by)
        assert (refused.error, refused.field) == ("FORBIDDEN", "by")
    assert approve(tenant, "ask-1", by="paul").body["state"] == "approved"
    ask(agent, request_id="ask-2", **same)
    assert deny(tenant, "ask-2", by="maria").body["state"] == "denied"


def test_four_eyes_compare_the_authenticated_callers_and_need_an_asker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOUR_EYES", "true")
    tenant = Tenant(HttpDoor())
    ask(tenant, request_id="ask-1")
    assert approve(tenant, "ask-1", by="paul").error == "FORBIDDEN"  # both with one IAM principal
    unknown = ask(tenant.through(DirectDoor()), request_id="ask-2")
    assert (unknown.error, unknown.field) == ("VALIDATION_ERROR", "by")


@pytest.mark.parametrize("period", ["day", "month"])
def test_after_the_end_of_the_period_nothing_is_approved(tenant: Tenant, period: str) -> None:
    cap(tenant, "2", period=period)
    ask(tenant, request_id="ask-1", budget_id="cap", expires_in_seconds=30 * 86400)
    end = {"day": "2026-11-23T00:00:00Z", "month": "2026-12-01T00:00:00Z"}[period]
    with at(end, tick=False):
        refused = approve(tenant, "ask-1")
        assert refused.error == "CONFLICT"
        assert "is expired" in refused.message
        assert read(tenant, "ask-1")["state"] == "expired"
        assert budgets(tenant)["cap"]["limit_usd"] == "2"


def test_a_budget_that_is_gone_or_another_one_cannot_be_raised_by_an_old_request(
    tenant: Tenant,
) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, request_id="ask-1", budget_id="cap")
    cap(tenant, "2", period="day")
    assert approve(tenant, "ask-1").error == "CONFLICT"
    delete_budget(tenant, "cap")
    assert approve(tenant, "ask-1").error == "NOT_FOUND"
    assert read(tenant, "ask-1")["state"] == "open"
    assert deny(tenant, "ask-1").body["state"] == "denied"


def test_a_raise_by_hand_leaves_the_request_open(tenant: Tenant) -> None:
    cap(tenant, "2", period="month")
    ask(tenant, "1", request_id="ask-1", budget_id="cap")
    lift(tenant, "cap", "4")
    assert listed(tenant, state="open") == ["ask-1"]


@pytest.mark.parametrize("operation", ["approve", "deny"])
def test_an_answer_needs_who_and_why_and_a_request_that_exists(
    tenant: Tenant, operation: str
) -> None:
    ask(tenant, request_id="ask-1")
    for name in MARIA:
        given = {key: value for key, value in MARIA.items() if key != name}
        refused = tenant.call(operation, request_id="ask-1", **given)
        assert (refused.error, refused.field) == ("VALIDATION_ERROR", name)
    assert tenant.call(operation, request_id="none", **MARIA).error == "NOT_FOUND"
