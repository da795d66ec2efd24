"""Connections on which a call ends in time, however slowly the other end answers.

A time-out of a socket begins anew with every byte, so whoever sends one now and then is waited for
without end. Here each wait gets what is left of the whole call.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from time import monotonic
from typing import Any

from redis.connection import Connection

_ends: ContextVar[float] = ContextVar("ends")
_Addresses = list[tuple[Any, Any, int, str, Any]]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All calls inside have so long together; what takes longer raises TimeoutError."""
    token = _ends.set(monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def _left() -> float:
    left = _ends.get() - monotonic()
    if left <= 0:
        raise TimeoutError("the time for the cache is over")
    return left


class BoundedSocket:
    """A socket whose waits are bounded by the call that they are part of."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - a plain or a TLS socket
        self._inner = inner
        self._polls = False

    def settimeout(self, seconds: float | None) -> None:
        """A zero asks for no wait at all; what else is asked for the call decides."""
        self._polls = seconds == 0

    def recv(self, size: int) -> bytes:
        """What has come, or comes in time."""
        self._inner.settimeout(0 if self._polls else _left())
        received: bytes = self._inner.recv(size)
        return received

    def sendall(self, data: bytes) -> None:
        """Send all of it in time."""
        self._inner.settimeout(_left())
        self._inner.sendall(data)

    def shutdown(self, how: int) -> None:
        """As of any socket."""
        self._inner.shutdown(how)

    def close(self) -> None:
        """As of any socket."""
        self._inner.close()


class BoundedConnection(Connection):
    """A connection of redis-py's over a bounded socket; over TLS where there is a context for it.

    Its own for TLS reads the trusted certificates anew for each connection, which takes as long as
    a request may.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call] # redis-py's
        self._tls = tls

    def _connect(self) -> BoundedSocket:
        plain = _connected(self.host, self.port)
        return BoundedSocket(_secured(plain, self.host, self._tls) if self._tls else plain)


def _secured(plain: socket.socket, host: str, tls: ssl.SSLContext) -> socket.socket:
    secure = tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    try:
        secure.settimeout(_left())  # OpenSSL takes it for the whole handshake
        secure.do_handshake()
    except BaseException:
        secure.close()
        raise
    return secure


def _connected(host: str, port: int) -> socket.socket:
    fault: OSError = ConnectionError("the cache has no address")
    addresses = _resolved(host, port)
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(_left() / (len(addresses) - tried))
            plain.connect(address)
        except OSError as error:
            plain.close()
            fault = error
        else:
            return plain
    raise fault


def _resolved(host: str, port: int) -> _Addresses:
    """The addresses of a name. The resolver takes no time-out, so a thread of its own asks it."""
    found: _Addresses = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError):  # a UnicodeError where no name looks like that
            return

    asking = Thread(target=resolve, name="cache-address", daemon=True)
    asking.start()
    asking.join(_left())
    return list(found)
