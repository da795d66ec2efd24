"""The part of the Valkey and Redis protocol that the faulty proxy needs."""

from __future__ import annotations

import socket

END = b"\r\n"


class ClosedError(Exception):
    """The peer closed the connection."""


class Wire:
    """One connection, read message by message."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._come = b""

    def request(self) -> list[bytes]:
        """Return the parts of the next command."""
        return [self._bulk() for _ in range(int(self._line()[1:]))]

    def answer(self) -> bytes:
        """Return the next answer as raw bytes."""
        line = self._line()
        if line[:1] != b"$" or line == b"$-1":
            return line + END
        return line + END + self._exactly(int(line[1:])) + self._exactly(2)

    def send(self, text: bytes) -> None:
        """Send the bytes unchanged."""
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
    """Encode a value as an answer."""
    return b"$-1" + END if text is None else b"$%d" % len(text) + END + text + END


def value_of(answer: bytes) -> bytes | None:
    """Return the value in an answer, or None if it has none."""
    head, _, rest = answer.partition(END)
    return rest[: int(head[1:])] if head[:1] == b"$" and head != b"$-1" else None
