"""Alerts in Slack, worded by you: a receiver of the forwarder's signed webhooks.

Without wishes of your own you need no receiver: give Slack's address to the forwarder with
`"format": "slack"`. This one chooses a channel for each tenant and drops repeats.

    WEBHOOK_SECRET=whsec_... SLACK_WEBHOOKS='{"acme": "https://hooks.slack.com/..."}' \
        PORT=8080 python examples/slack_receiver.py

The forwarder's secret then has `{"url": "https://...", "format": "json", "secret": "whsec_..."}`.
Put TLS in front. Tenants without an address in SLACK_WEBHOOKS are printed.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
CHANNELS: dict[str, str] = json.loads(os.environ.get("SLACK_WEBHOOKS", "{}"))
MAX_BYTES, MAX_SECONDS, OK = 256 * 1024, 300, 200
seen: set[str] = set()
"""Ids of alerts that were posted. Keep them in a database if several receivers run."""


def is_signed(headers: Message, body: bytes) -> bool:
    """True if the forwarder signed it within the last 5 minutes (Standard Webhooks)."""
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(time.time() - int(stamp)) > MAX_SECONDS:
        return False
    digest = hmac.new(KEY, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}".encode()
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(wanted, one) for one in given)


def post(alert: dict[str, Any]) -> None:
    """Post to the tenant's channel. Raises HTTPError if Slack does not take it."""
    text = f"*{alert['title']}*\n{alert['text']}"
    for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, escaped)
    channel = CHANNELS.get(alert.get("tenant_id") or "")
    if channel is None:
        print(text.splitlines()[0], flush=True)
        return
    answer = urllib3.request("POST", channel, json={"text": text}, timeout=4, retries=False)
    if answer.status != OK:
        raise HTTPError(f"Slack answered {answer.status}")


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 once an alert is posted; after every other answer it is sent again."""

    timeout = 10
    """Seconds after which a sender that says nothing is hung up on."""

    def do_POST(self) -> None:
        """Take one alert."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BYTES:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_signed(self.headers, body):
            return self.answer(401)
        if self.headers["webhook-id"] not in seen:
            try:
                post(json.loads(body)["data"])
            except HTTPError as error:
                print(f"Slack did not take it: {type(error).__name__}", flush=True)
                return self.answer(502)
            seen.add(self.headers["webhook-id"])
        return self.answer(204)

    def answer(self, status: int) -> None:
        """Answer without a body."""
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Print alerts only."""


with HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver) as server:
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
