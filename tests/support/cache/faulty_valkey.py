"""A TCP proxy in front of Valkey; each mode simulates one kind of cache fault."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.cache.forged_entries import POISONS, poisoned
from tests.support.cache.resp import ClosedError, Wire, bulk, value_of
from tests.support.cache.valkey import HOST

PASS = "pass"  # noqa: S105 - a mode
SAID = {
    "READONLY": b"-READONLY You can't write against a read only replica.\r\n",
    "LOADING": b"-LOADING Valkey is loading the dataset in memory\r\n",
    "OOM": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    "NOAUTH": b"-NOAUTH Authentication required.\r\n",
    "garbage": b"\xff\x00HTTP/1.1 400 Bad Request\r\n$-9\r\n*99999999\r\n",
    "a number for a value": b":42\r\n",
    "a list for a value": b"*1\r\n:1\r\n",
    "an endless list": b"*99999999\r\n",
}
ANSWERED_STILL = {"READONLY": {b"GET"}, "OOM": {b"GET", b"DEL"}}
DRIPS = {"a byte a second": 1.0, "a byte every 90 ms": 0.09}
LATE, LATE_SECONDS = "60 ms late", 0.06
WAITING = ("hang", *DRIPS, LATE, "an endless list")
"""Modes in which a caller would wait."""
CUTS = ("refuse", "cut", "cut writes")
FLUSHED = "flushed before each answer"
MODES = (PASS, FLUSHED, *CUTS, *WAITING, *(one for one in SAID if one not in WAITING), *POISONS)


class FaultyValkey:
    """The proxy. `mode` applies to the next commands; `commands` are those received."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.mode = PASS
        self.commands: list[list[bytes]] = []
        self._upstream = port
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server((HOST, 0), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Return the URL for the functions."""
        return f"{'rediss' if self._tls else 'redis'}://{HOST}:{self.port}/0"

    def close(self) -> None:
        """Stop listening."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        errors = (ClosedError, OSError, ValueError)
        with contextlib.suppress(*errors), contextlib.ExitStack() as stack:
            stack.enter_context(client)
            if self.mode == "refuse":
                return
            if self._tls:
                client = stack.enter_context(self._tls.wrap_socket(client, server_side=True))
            server = stack.enter_context(socket.create_connection((HOST, self._upstream)))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._talk(Wire(client), Wire(server))

    def _talk(self, client: Wire, server: Wire) -> None:
        while True:
            command = client.request()
            self.commands.append(command)
            mode = self.mode
            if mode == "refuse":
                return
            lies = command[0] not in ANSWERED_STILL.get(mode, ())
            if mode in SAID and lies:
                client.send(SAID[mode])
                continue
            if mode == FLUSHED:
                server.send(b"FLUSHALL\r\n")
                server.answer()
            server.send(b"*%d\r\n" % len(command) + b"".join(map(bulk, command)))
            answer = server.answer()
            if mode == "cut" or (mode == "cut writes" and command[0] != b"GET"):
                return
            self._answer(client, mode, command, answer)

    def _answer(self, client: Wire, mode: str, command: list[bytes], answer: bytes) -> None:
        value = value_of(answer)
        if mode in POISONS and command[0] == b"GET" and value is not None:
            answer = bulk(poisoned(mode, value))
        if mode == "hang":
            return
        if mode == LATE:
            self._over.wait(LATE_SECONDS)
        if mode in DRIPS:
            for place in range(len(answer)):
                client.send(answer[place : place + 1])
                self._over.wait(DRIPS[mode])
        else:
            client.send(answer)


@contextmanager
def lying(port: int, tls: ssl.SSLContext | None = None) -> Iterator[FaultyValkey]:
    """Run a proxy in front of the server on the port."""
    liar = FaultyValkey(port, tls)
    try:
        yield liar
    finally:
        liar.close()
