"""A stub of the model providers on a port of 127.0.0.1: OpenAI, Anthropic and Bedrock.

Each answer says 1200 input tokens and 300 output tokens. Streams can be cut after any chunk.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.integrations.libraries import stub_answers as answers
from tests.integrations.libraries.event_stream import frame


@dataclass
class Models:
    """What the stub does, and what it saw."""

    url: str = ""
    cut_at: int | None = None
    """After so many chunks of a stream the connection breaks."""
    status: int = 200
    """Another one: the provider refuses or fails."""
    delay_seconds: float = 0
    """The provider thinks so long before it answers."""
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        """Requests that arrived."""
        return len(self.seen)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    models: Models

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self.models.seen.append((unquote(self.path), body))
        time.sleep(self.models.delay_seconds)
        if self.models.status != 200:
            return self._send(b'{"error": {"message": "no", "type": "no"}}')
        if self.path.startswith("/model/"):
            return self._bedrock()
        path = self.path.split("?")[0].removeprefix("/v1")
        if body.get("stream"):
            return self._chunked(answers.streamed(path, body), "text/event-stream")
        return self._send(json.dumps(answers.whole(path, body)).encode())

    def _bedrock(self) -> None:
        operation = self.path.rsplit("/", 1)[-1]
        if operation == "converse":
            return self._send(json.dumps(answers.CONVERSE).encode())
        if operation == "invoke":
            return self._send(json.dumps(answers.ANTHROPIC).encode())
        events = answers.CONVERSED if operation == "converse-stream" else answers.INVOKED
        frames = [frame(kind, event) for kind, event in events]
        return self._chunked(frames, "application/vnd.amazon.eventstream")

    def _send(self, body: bytes) -> None:
        self.send_response(self.models.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _chunked(self, chunks: list[bytes], kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for chunk in chunks[: self.models.cut_at]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        if self.models.cut_at is None or self.models.cut_at >= len(chunks):
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is printed."""


@contextmanager
def stubbed() -> Iterator[Models]:
    """Serve the stub."""
    models = Models()
    handler = type("Handler", (_Handler,), {"models": models})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    models.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield models
    finally:
        server.shutdown()
        server.server_close()
