"""The signature of webhooks."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from budget_monitor.domain.alerts.webhooks import Webhook, signature


def test_the_example_of_the_standard_has_the_signature_of_the_standard() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_neither_url_nor_key_is_in_its_repr() -> None:
    hook = Webhook.load({"url": "https://a.example/T0", "secret": "whsec_c2VjcmV0"})
    assert "T0" not in repr(hook)
    assert "secret" not in repr(hook)


HOOK = {"url": "https://hooks.example/T0", "secret": "whsec_c2VjcmV0"}
NOON = datetime(2026, 11, 22, 12, 0, 0, 900000, tzinfo=UTC)
ALERT = {
    "alert_id": "a1",
    "kind": "blocked",
    "at": "2026-11-22T12:00:00Z",
    "title": "Blocked <e1> & more",
    "text": "Spent 5 USD.\nAnswer: https://page.example/x?a=1&b=2",
    "link": "https://page.example/x?a=1&b=2",
}
PLAIN = {name: one for name, one in ALERT.items() if name != "link"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "^a webhook has url, format and secret$"),
        ({**HOOK, "more": 1}, "^a webhook has url, format and secret$"),
        ({}, "^the url of a webhook must begin with https://$"),
        ({"url": 7}, "^the url of a webhook must begin with https://$"),
        ({"url": "http://hooks.example"}, "^the url of a webhook must begin with https://$"),
        ({"url": "https://ana@hooks.example"}, "^the url of a webhook must begin with https://$"),
        ({"url": "https:///x"}, "^the url of a webhook must begin with https://$"),
        (
            {"url": "https://hooks.example/\u00e4"},
            "^the url of a webhook must begin with https://$",
        ),
        ({"url": "https://hooks.example/\t"}, "^the url of a webhook must begin with https://$"),
        ({"url": "ftp://localhost"}, "^the url of a webhook must begin with https://$"),
        ({**HOOK, "format": "xml"}, "^the format of a webhook must be one of: json, slack, teams$"),
        ({**HOOK, "secret": "whsec_?"}, "^the secret of a webhook must be whsec_ and base64$"),
        ({**HOOK, "secret": "whsec_"}, "^the secret of a webhook must be whsec_ and base64$"),
        ({**HOOK, "secret": "whsec_c2VjcmV0\n"}, "^the secret of a webhook must be whsec_ and "),
        (
            {**HOOK, "secret": "whsec_c2VjcmV"},
            "^the secret of a webhook must be whsec_ and base64$",
        ),
        ({**HOOK, "secret": 7}, "^the secret of a webhook must be whsec_ and base64$"),
    ],
    ids=range(16),
)
def test_any_other_entry_of_the_secret_is_refused(given: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Webhook.load(given)


def test_an_entry_has_a_url_alone_or_a_format_and_a_key() -> None:
    assert Webhook.load({"url": "https://a.example"}) == Webhook("https://a.example", "json", None)
    slack = Webhook.load({**HOOK, "format": "slack"})
    assert (slack.url, slack.format, slack.key) == (HOOK["url"], "slack", b"secret")
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert Webhook.load({"url": f"http://{host}:8080/x"}).url == f"http://{host}:8080/x"


def test_a_webhooks_name_is_16_characters_of_the_hash_of_its_url() -> None:
    name = sha256(b"https://hooks.example/T0").hexdigest()[:16]
    assert Webhook.load(HOOK).name == name


def test_a_request_has_the_alerts_id_the_time_in_seconds_and_a_signature() -> None:
    headers, body = Webhook.load(HOOK).request(ALERT, NOON)
    stamp = str(int(NOON.timestamp()))
    plain = {
        "content-type": "application/json",
        "user-agent": "budget-monitor",
        "webhook-id": "a1",
        "webhook-timestamp": stamp,
    }
    assert headers == {**plain, "webhook-signature": signature(b"secret", "a1", stamp, body)}
    assert json.loads(body) == {"type": "blocked", "timestamp": ALERT["at"], "data": ALERT}
    assert Webhook(HOOK["url"]).request(ALERT, NOON)[0] == plain


def test_slack_gets_title_text_and_link_with_three_characters_escaped() -> None:
    def text(alert: dict[str, str]) -> str:
        found = json.loads(Webhook(HOOK["url"], "slack").request(alert, NOON)[1])
        assert list(found) == ["text"]
        return str(found["text"])

    assert text(ALERT) == (
        "*Blocked &lt;e1&gt; &amp; more*\nSpent 5 USD.\n"
        "<https://page.example/x?a=1&amp;b=2|Answer this request>"
    )
    assert text(PLAIN) == (
        "*Blocked &lt;e1&gt; &amp; more*\nSpent 5 USD.\nAnswer: https://page.example/x?a=1&amp;b=2"
    )


def test_teams_gets_an_adaptive_card_of_plain_runs_with_a_button() -> None:
    def run(text: str, **look: str) -> dict[str, Any]:
        inlines = [{"type": "TextRun", "text": text, **look}]
        return {"type": "RichTextBlock", "inlines": inlines}

    def card(alert: dict[str, str]) -> dict[str, Any]:
        found = json.loads(Webhook(HOOK["url"], "teams").request(alert, NOON)[1])
        (attachment,) = found.pop("attachments")
        assert found == {"type": "message"}
        content: dict[str, Any] = attachment.pop("content")
        assert attachment == {"contentType": "application/vnd.microsoft.card.adaptive"}
        return content

    made = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [run("Blocked <e1> & more", weight="Bolder"), run("Spent 5 USD.")],
    }
    button = {"type": "Action.OpenUrl", "title": "Answer this request", "url": ALERT["link"]}
    assert card(ALERT) == {**made, "actions": [button]}
    line = run("Answer: https://page.example/x?a=1&b=2")
    assert card(PLAIN) == {**made, "body": [*made["body"], line]}
