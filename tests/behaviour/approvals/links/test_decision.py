"""A signed link decides once, and is one approver at most."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.adapters.aws.signing_key import SigningKey
from budget_monitor.parts import signing_key
from tests.support.alerts.tenants import sent as alerts_sent
from tests.support.approvals.asking import FLOW, MARIA, approve, ask, deny
from tests.support.approvals.browser import linked, newest, opened, sent, token_of
from tests.support.builders import Tenant
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.memory.watch import Watch
from tests.support.rules.governing import budgets
from tests.support.workflows.machines import Machines

pytestmark = pytest.mark.usefixtures("hurried", "signing_key")
KEYS = vars(SigningKey)["keys"]
"""How keys are read, before a test puts others in their place."""
PAUL: dict[str, Any] = {"by": "paul", "reason": "worth it"}


def test_after_another_answer_the_page_says_who_gave_it(watch: Watch, acme: Tenant) -> None:
    token = linked(watch, acme)
    deny(acme, "ask-1")
    page = opened(token)
    assert (page.buttons, "denied by maria" in page.text) == ([], True)
    late = sent(token, decision="approve", **PAUL)
    assert late.status == 409
    assert "denied by maria" in late.text


def test_a_form_that_is_sent_twice_decides_once(watch: Watch, acme: Tenant) -> None:
    token = linked(watch, acme)
    for _ in range(2):
        assert sent(token, decision="approve", **PAUL).status == 200
    assert budgets(acme)["cap"]["limit_usd"] == "7"
    assert sent(token, decision="deny", **PAUL).status == 409


def test_two_links_are_not_two_approvers_and_a_used_one_says_so(watch: Watch, acme: Tenant) -> None:
    acme.call("set_authority", four_eyes_above_usd="4", **MARIA)
    first = linked(watch, acme)
    page = sent(first, decision="approve", **PAUL)
    assert (page.status, page.buttons) == (200, [])
    assert "A second person must approve as well" in page.text
    assert sent(first, decision="approve", by="olga", reason="fine").status == 409
    second = newest(watch)
    assert second != first
    refused = sent(second, decision="approve", by="olga", reason="fine")
    assert refused.status == 403
    assert approve(acme, "ask-1").body["state"] == "approved"


def test_a_link_completes_what_an_operation_approved_first(watch: Watch, acme: Tenant) -> None:
    acme.call("set_authority", four_eyes_above_usd="4", **MARIA)
    linked(watch, acme)
    approve(acme, "ask-1")
    assert sent(newest(watch), decision="approve", by="Maria", reason="x").status == 403
    assert sent(token := newest_again(watch), decision="approve", **PAUL).status == 200
    assert opened(token).buttons == []


def newest_again(watch: Watch) -> str:
    """The latest link once more: nothing new was sent."""
    return token_of(watch.post.alerts[-1]["link"])


def test_links_approve_up_to_the_amount_of_links(watch: Watch, acme: Tenant) -> None:
    rules = [{"by": "maria"}, {"link": True, "up_to_usd": "3"}]
    acme.call("set_authority", approvers=rules, **MARIA)
    token = linked(watch, acme)
    refused = sent(token, decision="approve", by="maria", reason="x")
    assert refused.status == 403
    assert "a signed link may approve up to 3 USD" in refused.text
    assert sent(token, decision="approve_less", amount_usd="3", **PAUL).status == 200


def test_the_key_is_read_from_its_secret_and_those_who_wait_are_called_back(
    watch: Watch, acme: Tenant, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SigningKey, "keys", KEYS)
    secret = MemorySecret().install(monkeypatch)
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    for waits in ({"task_token": "token"}, {"callback_id": "durable+1/2=="}):
        acme.call("await_resume", workflow_execution_id="flow-1", **waits).body  # noqa: B018
    (link,) = (one["link"] for one in alerts_sent(watch) if one["kind"] == "raise_requested")
    token, read_by_alerting = token_of(link), secret.reads
    signing_key.cache_clear()  # the page is a process of its own
    assert sent(token, decision="approve", **PAUL).status == 200
    assert machines.names == ["durable+1/2==", "token"]
    assert secret.reads == 2 * read_by_alerting == 4


def test_a_denial_by_a_link_fails_each_wait_for_the_request(
    watch: Watch, acme: Tenant, machines: Machines
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    awaited = {"workflow_execution_id": "flow-1", "request_id": "ask-1"}
    for waits in ({"task_token": "token"}, {"callback_id": "durable+1/2=="}):
        acme.call("await_resume", **awaited, **waits).body  # noqa: B018 - must not fail
    (link,) = (one["link"] for one in alerts_sent(watch) if one["kind"] == "raise_requested")
    assert sent(token_of(link), decision="deny", **PAUL).status == 200
    errors = {name: error for name, (error, _) in machines.failed.items()}
    assert errors == {"token": "RequestDenied", "durable+1/2==": "RequestDenied"}
