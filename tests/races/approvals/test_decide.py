"""Approvers, links, a denial, the schedule and the month's end at one instant: one answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from budget_monitor.adapters.aws.signing_key import SigningKey
from budget_monitor.domain.signed_links import sign
from budget_monitor.usecases.approvals.links import PURPOSE
from tests.support.approvals.asking import MARIA
from tests.support.approvals.browser import sent
from tests.support.histories.gateway import Reply
from tests.support.histories.ledger_audit import differences, document
from tests.support.histories.many_callers import new_round, served
from tests.support.histories.stored_pauses import changes, runs
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import first, size
from tests.support.times import at
from tests.support.workflows.machines import Machines

pytestmark = pytest.mark.usefixtures("hurried")

ROUNDS = int(os.environ.get("RACE_ROUNDS", "1")) * 10
AT_LEAST, REQUESTS, ACTORS = size(5, ROUNDS), size(4, ROUNDS), 8
MAX_ROUNDS = ROUNDS + 40
"""Rounds that may be needed until the actors meet: on a busy machine one may be first each time."""
ASKED = {"tenant_id": "acme", "request_id": "ask"}
FLOW = {"workflow_execution_id": "flow", "agent_execution_id": "run"}
NOON, MIDNIGHT = "2026-11-30T12:00:00Z", "the end of the month"
HALF_A_DAY = 12 * 3600


def moment_of(when: str, turn: int) -> str:
    """When the race starts: at noon, or 50 ms to 1 s before the month's end."""
    before = 50 * (1 + turn % 20)
    return NOON if when == NOON else f"2026-11-30T23:59:59.{min(1000 - before, 999):03}000Z"


def begin(cloud: MemoryCloud, turn: int, budget_id: str) -> None:
    """A paused workflow with two waiting state machines, one for the answer to a request."""
    new_round(cloud, turn)
    made = {"scope": "tenant", "period": "month", "limit_usd": "2", **MARIA}
    well(served("set_budget", tenant_id="acme", budget_id="cap", **made))
    well(
        served(
            "await_resume",
            tenant_id="acme",
            workflow_execution_id="flow",
            task_token="token",  # noqa: S106 - a token of Step Functions
        )
    )
    asked: dict[str, Any] = {"budget_id": budget_id, "amount_usd": "5", "reason": "more", **FLOW}
    asked |= {"expires_in_seconds": HALF_A_DAY}
    well(served("request_raise", **ASKED, **asked))
    waits: dict[str, Any] = {"workflow_execution_id": "flow", "task_token": "asker"}
    well(served("await_resume", **ASKED, **waits))


def well(reply: Reply) -> dict[str, Any]:
    assert reply.error is None, reply
    return dict(reply.body)


def act(kind: int, turn: int) -> str | None:
    """What each actor tries; the error of its answer, if any. The denial is fast: not always."""
    if kind < 3:
        who = {**MARIA, "by": f"approver-{kind}"}
        return served("approve", amount_usd=str(kind + 1), **ASKED, **who).error
    if kind == 3 and turn % 2:
        return served("deny", **ASKED, **MARIA).error
    if kind in {3, 4}:
        return served("wake").error
    if kind == 5:
        return served("get_request", **ASKED).error
    if kind == 6:
        lift = {"budget_id": "cap", "amount_usd": "1", **MARIA}
        return served("raise_limit", tenant_id="acme", raise_id="by-hand", **lift).error
    return served("list_requests", tenant_id="acme").error


def raises(rows: Any) -> int:
    """How many raises the request made, by the history of the tenant's rules."""
    told = [row for row in rows["BudgetsTable"] if row["pk"]["S"].startswith("acme#change#rules#")]
    return [document(row, "body")["operation"] for row in told].count("approve")


def answers(rows: Any) -> list[str]:
    """The states that the request ended in, by its history."""
    prefix = "acme#change#request#ask#"
    told = [row for row in rows["BudgetsTable"] if row["pk"]["S"].startswith(prefix)]
    states = [document(row, "body")["after"]["state"] for row in told]
    return [state for state in states if state != "open"]


@pytest.mark.parametrize("budget_id", first(1, ["execution", "cap", "workflow"]))
@pytest.mark.parametrize("when", [NOON, MIDNIGHT])
def test_of_approvers_denial_expiry_and_month_end_one_answers_and_raises_once_at_most(
    memory_cloud: MemoryCloud,
    machines: Machines,
    callers: Callable[..., list[Any]],
    budget_id: str,
    when: str,
) -> None:
    seen = set[str]()
    for turn in range(MAX_ROUNDS):
        if turn >= AT_LEAST and len(seen) > 1:
            break
        with at(NOON, tick=False):
            machines.reset()
            begin(memory_cloud, turn, budget_id)
        with at(moment_of(when, turn)):
            errors = callers(lambda kind, turn=turn: act(kind, turn), ACTORS)
            state = well(served("get_request", **ASKED))["state"]
        rows = memory_cloud.rows()
        assert set(errors) <= {None, "CONFLICT"}
        assert answers(rows) == [state]
        assert raises(rows) == (state == "approved" and budget_id == "cap")
        assert machines.names == (["asker", "token"] if state == "approved" else [])
        assert list(machines.failed) == (["asker"] if state == "denied" else [])
        assert runs(rows)["acme", "flow"]["paused"] == (state != "approved")
        steps = [one["operation"] for one in changes(rows, "acme", "flow")]
        assert steps.count("approve") == (state == "approved")
        answered = [*errors[:3], *(errors[3:4] if turn % 2 else [])]
        assert answered.count(None) == (state in {"approved", "denied"})
        assert not differences(rows)
        seen.add(state)
    assert len(seen) > 1, "the actors never met"


def test_of_sixteen_requests_of_a_run_at_once_one_is_open(
    memory_cloud: MemoryCloud, callers: Callable[..., list[Any]]
) -> None:
    def ask(number: int) -> tuple[str | None, str]:
        asked = {"amount_usd": "5", "reason": "more", "agent_execution_id": "run"}
        named = {"request_id": f"ask-{number}"} if number % 2 else {}
        reply = served("request_raise", tenant_id="acme", **named, **asked)
        return reply.error, reply.error or reply.body["request_id"]

    for turn in range(REQUESTS):
        with at("2026-11-22T12:00:00Z"):
            new_round(memory_cloud, turn)
            answers = callers(ask, 16)
            listed = well(served("list_requests", tenant_id="acme", state="open"))["items"]
            (name,) = (one["request_id"] for one in listed)
            alerts = well(served("alerts", tenant_id="acme"))["items"]
        assert {error for error, _ in answers} <= {None, "CONFLICT"}
        assert {said for error, said in answers if error is None} == {name}
        assert [one["request_id"] for one in alerts] == [name]


LIMIT = {"four_eyes_above_usd": "4"}


@pytest.fixture
def signing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNING_KEY_ARN", "arn:aws:secretsmanager:eu-central-1:000000000000:secret")
    monkeypatch.setattr(SigningKey, "keys", (b"a key of tests",))


def by_link(operation: str, name: str, **fields: Any) -> str | None:
    """Answer by the signed link, as its page does; the error, if any."""
    while True:
        page = sent(token(), decision=operation, by=name, reason="by link", **fields)
        if page.status != 503:
            return None if page.status == 200 else str(page.status)


def token() -> str:
    """The token of the request's link, the same in all threads."""
    payload = {"tenant": "acme", "request": "ask", "nonce": "nonce"}
    return sign(payload, b"a key of tests", datetime(2026, 12, 2, tzinfo=UTC), PURPOSE)


def act_in_pairs(kind: int, turn: int) -> str | None:
    """Four approvers of 5 USD, of whom two must agree; two by the one link; and the others."""
    if kind < 3:
        who = {**MARIA, "by": f"approver-{kind}"}
        return served("approve", **ASKED, **who).error
    if kind == 3:
        return by_link("approve", "olga")
    if kind == 4:
        return by_link("approve_less", "paul", amount_usd="5")
    if kind == 5 and turn % 3 == 0:
        return served("deny", **ASKED, **MARIA).error
    if kind == 6:
        lift = {"budget_id": "cap", "amount_usd": "1", **MARIA}
        return served("raise_limit", tenant_id="acme", raise_id="by-hand", **lift).error
    return served("wake").error


def used_links(rows: Any) -> int:
    """How often a link was stored as used."""
    found = [row["pk"]["S"] for row in rows["BudgetsTable"]]
    return sum(one.startswith("acme#link-use#") for one in found)


@pytest.mark.parametrize("budget_id", first(1, ["execution", "cap", "workflow"]))
@pytest.mark.parametrize("when", [NOON, MIDNIGHT])
def test_of_two_approvers_a_link_and_the_others_one_outcome_and_one_raise_by_two_persons(
    memory_cloud: MemoryCloud,
    machines: Machines,
    callers: Callable[..., list[Any]],
    signing_key: None,
    budget_id: str,
    when: str,
) -> None:
    seen = set[str]()
    for turn in range(MAX_ROUNDS):
        if turn >= AT_LEAST and ("approved" in seen or when == MIDNIGHT):
            break
        with at(NOON, tick=False):
            machines.reset()
            begin(memory_cloud, turn, budget_id)
            well(served("set_authority", tenant_id="acme", **LIMIT, **MARIA))
        with at(moment_of(when, turn)):
            errors = callers(lambda kind, turn=turn: act_in_pairs(kind, turn), ACTORS)
            request = well(served("get_request", **ASKED))
        rows, state = memory_cloud.rows(), request["state"]
        assert set(errors) <= {None, "CONFLICT", "FORBIDDEN", "409", "403"}
        assert answers(rows) == ([] if state == "open" else [state])
        assert raises(rows) == (state == "approved" and budget_id == "cap")
        assert machines.names == (["asker", "token"] if state == "approved" else [])
        assert list(machines.failed) == (["asker"] if state == "denied" else [])
        assert used_links(rows) <= 1
        firsts = request["approvals"]
        assert len(firsts) <= 1
        if state == "approved":
            (first,), last = firsts, request["decision"]
            assert first["by"] != last["by"]
            assert last["amount_usd"] == "5"
            assert not (first["link"] and last["principal"] and "link:" in last["principal"])
        granted = errors[:5].count(None) - (state == "approved")
        assert granted <= 1, "a first approver, and a second"
        assert not differences(rows)
        seen.add(state)
    assert "approved" in seen or when == MIDNIGHT, "a slow machine may begin after midnight"
