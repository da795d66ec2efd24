"""People answer by the signed link of an alert: it shows, decides once, and ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budget_monitor.adapters.aws.signing_key import SigningKey
from tests.support.alerts.tenants import sent as alerts_sent
from tests.support.approvals.asking import MARIA, approve, ask, deny, read
from tests.support.approvals.browser import opened, sent, token_of
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.rules.governing import budgets, cap
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried", "signing_key")
ODD = '<img src=x onerror="alert(1)">'
PAUL: dict[str, Any] = {"by": "paul", "reason": "worth it"}


@pytest.fixture
def acme(cloud: MemoryCloud) -> Tenant:
    tenant = Tenant(DirectDoor(), "acme")
    cap(tenant, "2", period="month")
    return tenant


def linked(watch: Watch, tenant: Tenant, amount: str = "5", **fields: Any) -> str:
    """The token of the link in the request's alert."""
    ask(tenant, amount, request_id="ask-1", **{"budget_id": "cap"} | fields)
    return newest(watch)


def newest(watch: Watch) -> str:
    link = alerts_sent(watch)[-1]["link"]
    assert link.startswith("https://budgets.example.com/approvals?token=")
    return token_of(link)


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
        ({"decision": "approve", "amount_usd": "3", **PAUL}, "amount_usd goes with Approve less"),
        ({"decision": "approve_less", **PAUL}, "amount_usd goes with Approve less"),
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


def test_a_link_of_another_key_purpose_or_day_shows_nothing(
    watch: Watch, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = linked(watch, acme)
    for one in (token[:-2], "x", token + "x", "a" * 3000):
        page = opened(one)
        assert page.status in {400, 403}
        assert "acme" not in page.html
    with at("2026-11-25T12:00:01Z", tick=False):
        assert "expired" in opened(token).text
        assert sent(token, decision="approve", **PAUL).status == 403
    monkeypatch.setattr(SigningKey, "keys", (b"another",))
    assert opened(token).status == 403
    assert read(acme, "ask-1")["state"] == "open"


def test_a_link_of_a_key_before_the_rotation_still_works(
    watch: Watch, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = linked(watch, acme)
    monkeypatch.setattr(SigningKey, "keys", (b"new", b"a key of tests"))
    assert opened(token).status == 200


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


def test_the_page_has_no_scripts_and_a_strict_policy(watch: Watch, acme: Tenant) -> None:
    token = linked(watch, acme)
    for page in (opened(token), opened("x"), sent(token)):
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not {"script", "img", "a", "iframe"} & set(page.tags)
        assert not {one for one in page.attributes if one.startswith(("on", "style"))}


@pytest.mark.parametrize("name", [ODD, "\u202egnirts", "=cmd|' /C calc'!A0", "{{7*7}}{% raw %}"])
def test_odd_names_come_out_as_text(watch: Watch, acme: Tenant, name: str) -> None:
    shown = name.replace("\u202e", "")
    labels = {"agent_execution_id": "run-1", "agent": shown, "user": shown, "by": shown}
    token = linked(watch, acme, reason=shown, **labels)
    page = opened(token)
    assert shown in page.text
    assert "img" not in page.tags
    done = sent(token, decision="deny", by=shown, reason=shown)
    assert f"denied by {shown}" in done.text


def test_a_stack_without_a_key_sends_its_alerts_without_a_link(
    watch: Watch, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIGNING_KEY_ARN")
    ask(acme, request_id="ask-1", budget_id="cap")
    assert alerts_sent(watch)[-1]["link"] is None


def test_an_alert_whose_link_cannot_be_signed_now_is_sent_later(
    watch: Watch, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from budget_monitor.domain.errors import UnavailableError  # noqa: PLC0415

    def down(_: object) -> None:
        raise UnavailableError("down")

    with monkeypatch.context() as patch:
        patch.setattr(SigningKey, "keys", property(down))
        ask(acme, request_id="ask-1", budget_id="cap")
        with at("2026-11-22T12:01:00Z", tick=False):
            assert watch.call("send_due")["failed"] == 1
    assert newest(watch)


def test_the_emails_text_ends_with_the_link_and_the_alert_list_has_none(
    watch: Watch, acme: Tenant
) -> None:
    ask(acme, request_id="ask-1", budget_id="cap")
    message = alerts_sent(watch)[-1]
    assert f"Answer here, once: {message['link']}" in watch.post.letters[-1]["texts"]["email"]
    assert message["title"].startswith("tenant acme asks for 5 USD more of cap")
    assert "Answer here" in message["text"]
    listed = json.dumps(acme.call("alerts").body)
    assert token_of(message["link"]) not in listed
