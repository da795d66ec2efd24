"""The handlers behind an HTTP server on loopback, for commands in processes of their own."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.support.clients.handlers import HandlerPool


class _Door(BaseHTTPRequestHandler):
    def answer(self) -> None:
        """Send the request to the handler of its route."""
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = HandlerPool().request(
            self.command, self.path, body=self.rfile.read(length), headers=headers
        )
        self.send_response(raw.status)
        self.send_header("content-type", raw.headers.get("content-type", "application/json"))
        self.send_header("content-length", str(len(raw.data)))
        self.end_headers()
        self.wfile.write(raw.data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """Serve, and return the environment of a process that is to use it.

    One request at a time: the handlers' resolvers are not made for threads.
    """
    with HTTPServer(("127.0.0.1", 0), _Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield {
                "BUDGET_MONITOR_URL": f"http://127.0.0.1:{server.server_port}",
                "BUDGET_MONITOR_TOKEN": "a-token",
                "PYTHONPATH": os.pathsep.join(one for one in sys.path if one),
            }
        finally:
            server.shutdown()
            thread.join()
