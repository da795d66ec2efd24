"""DynamoDB's answers from an HTTP server in another process: its own CPU time does not count."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from unittest.mock import patch

from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session

Answers = Mapping[str, Any]
"""The answer of each kind of request."""


class Requests(list[tuple[str, dict[str, Any]]]):
    """The operation and the parameters of each request, in order, and their answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {}


def kind_of(operation: str, request: Mapping[str, Any]) -> str:
    """Return what tells one request of a call from the others: the operation and its tables."""
    return "/".join([operation, *sorted(request.get("RequestItems", ()))])


@contextmanager
def kept_answers() -> Iterator[Requests]:
    """Keep the requests within the block and the answers that they get."""
    kept, original = Requests(), vars(Endpoint)["_get_response"]

    def asked(self: Endpoint, request: Any, model: Any, context: Any) -> Any:  # noqa: ANN401
        found, error = original(self, request, model, context)
        parameters = json.loads(request.body)
        kept.append((model.name, parameters))
        answer = {name: value for name, value in found[1].items() if name != "ResponseMetadata"}
        kept.answers[kind_of(model.name, parameters)] = answer
        return found, error

    with patch.object(Endpoint, "_get_response", asked):
        yield kept


class Meter:
    """Adds up the CPU time of HTTP exchanges, in nanoseconds."""

    def __init__(self) -> None:
        self.spent = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure within the block."""
        original = vars(URLLib3Session)["send"]

        def sent(session: URLLib3Session, request: Any) -> Any:  # noqa: ANN401 - botocore's own
            began = time.process_time_ns()
            try:
                return original(session, request)
            finally:
                self.spent += time.process_time_ns() - began

        with patch.object(URLLib3Session, "send", sent):
            yield


@contextmanager
def served(answers: Answers) -> Iterator[str]:
    """Yield the address of a server that gives these answers, until the block ends."""
    spawning = get_context("spawn")
    here, there = spawning.Pipe()
    server = spawning.Process(target=_serve, args=(answers, there), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        server.terminate()
        server.join()


class _Answering(BaseHTTPRequestHandler):
    """Answers as DynamoDB does: with its headers, and on a connection that stays open."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    answers: Answers

    def do_POST(self) -> None:
        """Answer a request that was recorded before, with 404 for any other."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        answer = self.answers.get(kind_of(operation, request))
        body = json.dumps(answer or {}).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "A" * 52)
        self.send_header("x-amz-crc32", str(zlib.crc32(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


def _serve(answers: Answers, told: Connection) -> None:
    _Answering.answers = answers
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    told.send(server.server_port)
    server.serve_forever()
