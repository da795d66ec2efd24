"""Ports of the forwarder of alerts."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from budget_monitor.domain.alerts.webhooks import Webhook


class Webhooks(Protocol):
    """The receivers of alerts, as the secret names them."""

    def all(self) -> Sequence[Webhook]:
        """Return all receivers. Raises UnavailableError."""
        ...


class Post(Protocol):
    """Sends requests to receivers."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send one request. Raises UnavailableError unless the receiver accepts it."""
        ...


class LaterQueue(Protocol):
    """The queue of alerts that are still to be forwarded."""

    def put(self, text: str, seconds: int) -> None:
        """Queue a message for delivery after this number of seconds. Raises UnavailableError."""
        ...
