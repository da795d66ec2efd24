"""Alerts reach Slack, Teams and other webhooks: signed, retried, and each receiver alone."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from budget_monitor.adapters.aws.webhooks import SecretWebhooks, SqsLater
from tests.support.alerts.forwarding import ALERT, ODD, Aws, forwarded
from tests.support.alerts.receiver import SECRET, Receiver, receiving

CLIENTS = {one: vars(one)["_client"] for one in (SecretWebhooks, SqsLater)}
"""How clients are made, before a test puts others in their place."""


def test_a_webhook_gets_the_alert_with_a_signature_that_verifies(
    aws: Aws, receiver: Receiver
) -> None:
    aws.secret = [{"url": receiver.url, "secret": SECRET}]
    assert forwarded(ALERT) == []
    assert receiver.bodies == [
        {"type": "raise_requested", "timestamp": "2026-11-22T12:00:00Z", "data": ALERT}
    ]
    assert (receiver.ids, receiver.verified) == (["0f5e"], [True])


def test_a_signature_of_another_secret_does_not_verify(aws: Aws, receiver: Receiver) -> None:
    aws.secret = [{"url": receiver.url, "secret": "whsec_b3RoZXI="}, {"url": receiver.url}]
    forwarded(ALERT)
    assert receiver.verified == [False, False]


def test_slack_gets_a_text_in_which_names_are_harmless(aws: Aws, receiver: Receiver) -> None:
    aws.secret = [{"url": receiver.url, "format": "slack"}]
    forwarded(ALERT)
    ((text),) = (one["text"] for one in receiver.bodies)
    odd = "&lt;!channel&gt; &lt;img src=x onerror=alert(1)&gt; &amp; [x](http://e.example)"
    assert text == (
        f"*tenant {odd} asks for 5 USD more of cap*\nOwner: {odd}.\nWhat to do: approve.\n"
        "<https://b.example/a?token=t|Answer this request>"
    )


def test_teams_gets_a_card_whose_texts_are_no_markdown(aws: Aws, receiver: Receiver) -> None:
    aws.secret = [{"url": receiver.url, "format": "teams"}]
    forwarded(ALERT, {**ALERT, "link": None})
    first, second = (one["attachments"][0]["content"] for one in receiver.bodies)
    assert {one["type"] for one in first["body"]} == {"RichTextBlock"}
    assert first["body"][1]["inlines"][0]["text"] == f"Owner: {ODD}."
    assert [one["url"] for one in first["actions"]] == [ALERT["link"]]
    assert "actions" not in second


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
def test_a_refused_alert_is_delivered_again_by_the_queue(
    aws: Aws, receiver: Receiver, status: int
) -> None:
    aws.secret = [{"url": receiver.url, "secret": SECRET}]
    receiver.answers = [status]
    assert forwarded(ALERT) == ["m0"]
    assert forwarded(ALERT) == []
    assert receiver.ids == ["0f5e", "0f5e"], "the same id, so that the receiver can drop one"


def test_of_two_webhooks_only_the_one_that_failed_gets_the_alert_again(
    aws: Aws, receiver: Receiver
) -> None:
    with receiving() as other:
        aws.secret = [{"url": receiver.url}, {"url": other.url, "format": "slack"}]
        other.answers = [503, 503]
        assert forwarded(ALERT) == []
        ((message, seconds),) = aws.queued
        assert seconds == 60
        assert forwarded(message) == ["m0"], "the queue counts its attempts from here on"
        assert forwarded(message) == []
        assert (len(receiver.bodies), len(other.bodies)) == (1, 3)
        assert len(aws.queued) == 1


def test_a_retry_that_cannot_be_queued_leaves_the_message_in_the_queue(
    aws: Aws, receiver: Receiver
) -> None:
    aws.secret = [{"url": receiver.url}, {"url": "http://127.0.0.1:1/nobody"}]
    aws.down = True
    assert forwarded(ALERT) == ["m0"]


def test_a_retry_for_a_webhook_that_was_removed_ends(aws: Aws, receiver: Receiver) -> None:
    aws.secret = [{"url": receiver.url}]
    assert forwarded({"webhook": "gone", "alert": ALERT}) == []
    assert receiver.bodies == []


@pytest.mark.parametrize(
    "secret",
    [
        "not json",
        {"url": "https://a.example"},
        [{"url": "http://a.example/hook"}],
        [{"url": "https://user:pw@a.example"}],
        [{"url": "ftp://a.example"}],
        [{"url": "https://a.example", "format": "email"}],
        [{"url": "https://a.example", "secret": "whsec_ä"}],
        [{"url": "https://a.example", "secret": ""}],
        [{"url": "https://a.example", "channel": "x"}],
        [{}],
        ["https://a.example"],
    ],
)
def test_a_malformed_secret_forwards_nothing_and_is_not_logged(
    aws: Aws, secret: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    aws.secret = secret
    assert forwarded(ALERT) == ["m0"]
    assert "a.example" not in caplog.text + capsys.readouterr().out


def test_the_url_of_a_webhook_is_in_no_log(aws: Aws, caplog: pytest.LogCaptureFixture) -> None:
    aws.secret = [{"url": "http://127.0.0.1:1/services/T0/B0/secret"}]
    assert forwarded(ALERT) == ["m0"]
    assert "cannot be reached" in caplog.text
    assert "T0" not in caplog.text


def test_the_secret_and_the_queue_are_asked_by_requests_of_the_sdk(
    aws: Aws, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SecretWebhooks, "_client", CLIENTS[SecretWebhooks])
    monkeypatch.setattr(SqsLater, "_client", CLIENTS[SqsLater])
    told = list[str]()

    def answered(_: Any, operation: Any, request: Any) -> Any:
        told.append(operation.name)
        urls = (receiver.url, "http://127.0.0.1:1/")  # at the second one nobody listens
        listed = [{"url": url, "secret": SECRET} for url in urls]
        done = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}
        return SimpleNamespace(status_code=200), {"SecretString": json.dumps(listed), **done}

    monkeypatch.setattr(Endpoint, "make_request", answered)
    assert forwarded(ALERT) == []
    assert told == ["GetSecretValue", "SendMessage"]
