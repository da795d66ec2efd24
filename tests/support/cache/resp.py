"""The wire of Valkey and Redis, as much of it as a proxy must know to tell lies."""

from __future__ import annotations

import socket

END = b"\r\n"


class ClosedError(Exception):
    """The other end hung up."""


class Wire:
    """One connection, read part by part."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._come = b""

    def request(self) -> list[bytes]:
        """The parts of the next command."""
        return [self._bulk() for _ in range(int(self._line()[1:]))]

    def answer(self) -> bytes:
        """The next answer, as it stands on the wire."""
        line = self._line()
        if line[:1] != b"$" or line == b"$-1":
            return line + END
        return line + END + self._exactly(int(line[1:])) + self._exactly(2)

    def send(self, text: bytes) -> None:
        """Send it as it stands."""
        self.connection.sendall(text)

    def _bulk(self) -> bytes:
        size = int(self._line()[1:])
        return self._exactly(size + 2)[:-2]

    def _line(self) -> bytes:
        while END not in self._come:
            self._more()
        line, self._come = self._come.split(END, 1)
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self._come) < size:
            self._more()
        text, self._come = self._come[:size], self._come[size:]
        return text

    def _more(self) -> None:
        try:
            come = self.connection.recv(65536)
        except OSError as fault:
            raise ClosedError from fault
        if not come:
            raise ClosedError
        self._come += come


def bulk(text: bytes | None) -> bytes:
    """A value as an answer."""
    return b"$-1" + END if text is None else b"$%d" % len(text) + END + text + END


def value_of(answer: bytes) -> bytes | None:
    """The value that an answer carries, if it is one."""
    head, _, rest = answer.partition(END)
    return rest[: int(head[1:])] if head[:1] == b"$" and head != b"$-1" else None
