"""A webhook receiver on the loopback interface that verifies standard-webhooks signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a secret of tests, 24 B.").decode()


class Receiver:
    """What arrived, and what is answered next."""

    def __init__(self) -> None:
        self.bodies = list[dict[str, Any]]()
        self.ids = list[str]()
        self.verified = list[bool]()
        self.answers = list[int]()
        """The next statuses; 204 after them."""
        self.url = ""

    def take(self, headers: Any, body: bytes) -> int:
        """Note one request; return the status of the answer."""
        self.bodies.append(json.loads(body))
        self.ids.append(headers.get("webhook-id"))
        self.verified.append(verifies(headers, body))
        return self.answers.pop(0) if self.answers else 204


def verifies(headers: Any, body: bytes) -> bool:
    """Whether the signature is right, by the words of https://www.standardwebhooks.com."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{right}" in (headers.get("webhook-signature") or "").split(" ")


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs within the block."""
    noted = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = noted.take(self.headers, body)
            self.send_response(status)
            if status == 302:
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.url = f"http://127.0.0.1:{server.server_port}/hooks?channel=1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield noted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
