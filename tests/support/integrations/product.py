"""The in-memory product behind a port of 127.0.0.1, for clients in other processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.clients.handlers import HandlerFunctions, HandlerPool


class _Handler(BaseHTTPRequestHandler):
    """Passes requests to the handlers of their routes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer is one packet

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        answer = HandlerPool().request(self.command, self.path, body=body, headers=headers)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
        """Nothing is printed."""


class _Lambda(_Handler):
    """Lambda's API: invokes the handler of the function that the path names."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        done = HandlerFunctions().invoke(self.path.split("/")[3], body)
        content = done["Payload"].read()
        self.send_response(200)
        if "FunctionError" in done:
            self.send_header("x-amz-function-error", done["FunctionError"])
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = _answer  # noqa: N815 - http.server's name


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def served() -> AbstractContextManager[str]:
    """Serve the handlers of this process, over whatever cloud it has. Yields the address."""
    return _serving(_Handler)


def served_functions() -> AbstractContextManager[str]:
    """Serve them as Lambda's API does, for direct invocations. Yields the endpoint."""
    return _serving(_Lambda)


@contextmanager
def _serving(handler: type[_Handler]) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
