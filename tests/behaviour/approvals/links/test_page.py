"""The page of a link shows a request, and its form answers it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import ask, read
from tests.support.approvals.browser import linked, newest, opened, sent
from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.rules.governing import budgets

pytestmark = pytest.mark.usefixtures("hurried", "signing_key")
PAUL: dict[str, Any] = {"by": "paul", "reason": "worth it"}


def test_a_link_that_is_opened_100_times_shows_the_request_and_changes_nothing(
    watch: Watch, acme: Tenant, cloud: MemoryCloud
) -> None:
    token = linked(watch, acme)
    before = cloud.rows()
    for _ in range(100):
        page = opened(token)
    assert page.status == 200
    assert "5 USD more for acme?" in page.text
    assert "2 of 2 USD (0 spent, 0 held)" in page.text
    assert page.buttons == ["approve", "deny", "approve_less"]
    assert cloud.rows() == before


@pytest.mark.parametrize("budget_id", ["cap", "execution"])
@pytest.mark.parametrize("encoded", [False, True])
def test_approve_raises_by_what_was_asked_with_who_and_why(
    watch: Watch, acme: Tenant, cloud: MemoryCloud, budget_id: str, *, encoded: bool
) -> None:
    token = linked(watch, acme, budget_id=budget_id)
    page = sent(token, encoded=encoded, decision="approve", amount_usd="", **PAUL)
    assert (page.status, page.buttons) == (200, [])
    assert "This request is approved by paul: 5 USD." in page.text
    decision = read(acme, "ask-1")["decision"]
    assert (decision["by"], decision["reason"], decision["amount_usd"]) == (
        "paul",
        "worth it",
        "5",
    )
    assert decision["principal"].startswith("link:")
    assert not differences(cloud.rows())


def test_approve_less_and_deny(watch: Watch, acme: Tenant) -> None:
    token = linked(watch, acme)
    assert sent(token, decision="approve_less", amount_usd="3", **PAUL).status == 200
    assert budgets(acme)["cap"]["limit_usd"] == "5"
    ask(acme, "5", request_id="ask-2", budget_id="cap", agent_execution_id="run-2")
    assert sent(newest(watch), decision="deny", **PAUL).status == 200
    assert read(acme, "ask-2")["state"] == "denied"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"decision": "approve", "by": "paul"}, "reason is required"),
        ({"decision": "approve", "by": "  ", "reason": "x"}, "by is required"),
        ({**PAUL}, "decision is required"),
        ({"decision": "allow", **PAUL}, "decision must be one of"),
        (
            {"decision": "approve", "amount_usd": "3", **PAUL},
            "amount_usd is required for Approve less",
        ),
        ({"decision": "approve_less", **PAUL}, "amount_usd is required for Approve less"),
        ({"decision": "approve_less", "amount_usd": "6", **PAUL}, "at most what was asked, 5 USD"),
        ({"decision": "approve_less", "amount_usd": "abc", **PAUL}, "amount_usd"),
        ({"decision": "deny", "extra": "1", **PAUL}, "extra is not a field"),
    ],
)
def test_a_form_that_cannot_be_meant_changes_nothing_and_says_why(
    watch: Watch, acme: Tenant, fields: dict[str, Any], says: str
) -> None:
    token = linked(watch, acme)
    page = sent(token, **fields)
    assert page.status == 400
    assert says in page.text
    assert read(acme, "ask-1")["state"] == "open"
    assert sent(token, decision="approve", **PAUL).status == 200
