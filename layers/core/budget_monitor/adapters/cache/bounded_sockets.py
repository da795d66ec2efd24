"""Connections with one time limit per call, however slowly the server answers.

A socket's timeout starts again with every byte, so a slow server could delay a caller without end.
Here each wait gets only the remaining time of the whole call.
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
    """Limit the total time of all calls inside. Raises TimeoutError."""
    token = _ends.set(monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def _left() -> float:
    left = _ends.get() - monotonic()
    if left <= 0:
        raise TimeoutError("no time is left for the cache")
    return left


class BoundedSocket:
    """A socket whose waits are limited by the remaining time of the call."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - a plain or a TLS socket
        self._inner = inner
        self._polls = False

    def settimeout(self, seconds: float | None) -> None:
        """Zero means no wait. All other values are ignored: the call's limit applies."""
        self._polls = seconds == 0

    def recv(self, size: int) -> bytes:
        """Return received bytes, waiting for them within the time limit."""
        self._inner.settimeout(0 if self._polls else _left())
        received: bytes = self._inner.recv(size)
        return received

    def sendall(self, data: bytes) -> None:
        """Send all data within the time limit."""
        self._inner.settimeout(_left())
        self._inner.sendall(data)

    def shutdown(self, how: int) -> None:
        """As `socket.socket`."""
        self._inner.shutdown(how)

    def close(self) -> None:
        """As `socket.socket`."""
        self._inner.close()


class BoundedConnection(Connection):
    """A redis-py connection over a bounded socket, with TLS if a context is given.

    redis-py's own TLS connection reads the trusted certificates for each connection, which is too
    slow for a request.
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
        secure.settimeout(_left())  # OpenSSL uses it for the whole handshake
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
    """Return the addresses of a host. The resolver has no timeout, so it runs in a thread."""
    found: _Addresses = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError):  # ValueError: UnicodeError for an impossible host name
            return

    asking = Thread(target=resolve, name="cache-address", daemon=True)
    asking.start()
    asking.join(_left())
    return list(found)
