"""Alerts as requests to incoming webhooks: the body each receiver takes, and the signature."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

JSON, SLACK, TEAMS = "json", "slack", "teams"
FORMATS = (JSON, SLACK, TEAMS)
SECRET_PREFIX = "whsec_"  # noqa: S105 - the scheme's own prefix
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver of alerts."""

    url: str = field(repr=False)
    """Where to send; the URLs of Slack and Teams are secrets themselves."""
    format: str = JSON
    key: bytes | None = field(default=None, repr=False)
    """Key of the signature; None: the requests are not signed."""

    @property
    def name(self) -> str:
        """A short name that does not show the URL."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    def request(self, alert: Body, now: datetime) -> tuple[dict[str, str], bytes]:
        """Return headers and body. The id is the alert's, so a receiver can drop repeats."""
        body = json.dumps(_BODIES[self.format](alert)).encode()
        stamp, alert_id = str(int(now.timestamp())), str(alert["alert_id"])
        headers = {
            "content-type": "application/json",
            "user-agent": "budget-monitor",
            "webhook-id": alert_id,
            "webhook-timestamp": stamp,
        }
        if self.key is not None:
            headers["webhook-signature"] = signature(self.key, alert_id, stamp, body)
        return headers, body

    @classmethod
    def load(cls, given: Any) -> "Webhook":  # noqa: ANN401 - any JSON value
        """Return the receiver of an entry of the secret. Raises ValueError, without its content."""
        if not isinstance(given, dict) or not given.keys() <= {"url", "format", "secret"}:
            raise ValueError("a webhook has url, format and secret")
        url, kind, secret = given.get("url"), given.get("format", JSON), given.get("secret")
        if not isinstance(url, str) or not _is_safe(url):
            raise ValueError("the url of a webhook must begin with https://")
        if kind not in FORMATS:
            raise ValueError(f"the format of a webhook must be one of: {', '.join(FORMATS)}")
        return cls(url, kind, None if secret is None else _key(secret))


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of the scheme of https://www.standardwebhooks.com, version 1."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def slack_text(text: str) -> str:
    """Return the text with the three characters escaped that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _json(alert: Body) -> Body:
    return {"type": alert["kind"], "timestamp": alert["at"], "data": dict(alert)}


def _slack(alert: Body) -> Body:
    lines = [f"*{slack_text(alert['title'])}*", slack_text(_without_link(alert))]
    if alert.get("link"):
        lines.append(f"<{slack_text(alert['link'])}|Answer this request>")
    return {"text": "\n".join(lines)}


def _teams(alert: Body) -> Body:
    """An Adaptive Card. Its texts are rich text runs, which Teams does not read as Markdown."""
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            _run(alert["title"], weight="Bolder"),
            *(_run(line) for line in _without_link(alert).split("\n")),
        ],
    }
    if alert.get("link"):
        action = {"type": "Action.OpenUrl", "title": "Answer this request", "url": alert["link"]}
        content["actions"] = [action]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}]}


def _run(text: str, **look: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


def _without_link(alert: Body) -> str:
    """The text without the line of the link, which has a place of its own."""
    link = alert.get("link")
    lines = str(alert["text"]).split("\n")
    return "\n".join(one for one in lines if not (link and link in one))


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname or parts.username or not url.isascii() or not url.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _key(secret: object) -> bytes:
    text = secret.removeprefix(SECRET_PREFIX) if isinstance(secret, str) else ""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("the secret of a webhook must be whsec_ and base64")
    return key


_BODIES: Mapping[str, Callable[[Body], Body]] = {JSON: _json, SLACK: _slack, TEAMS: _teams}
