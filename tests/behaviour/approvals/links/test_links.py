"""The alert of a request has a signed link that lives for a while."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budget_monitor.adapters.aws.signing_key import SigningKey
from tests.support.alerts.tenants import sent as alerts_sent
from tests.support.approvals.asking import ask, read
from tests.support.approvals.browser import linked, newest, opened, sent, token_of
from tests.support.builders import Tenant
from tests.support.memory.watch import Watch
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried", "signing_key")
PAUL: dict[str, Any] = {"by": "paul", "reason": "worth it"}


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
