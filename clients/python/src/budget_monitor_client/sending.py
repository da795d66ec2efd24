"""Sends an operation until it is answered, each time with the same ids."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from budget_monitor_client.errors import UnavailableError
from budget_monitor_client.routes import ROUTES
from budget_monitor_client.values import Answer, Fields

KEY = "idempotency_key"


class Transport(Protocol):
    """A way to reach Budget Monitor."""

    def request(self, operation: str, fields: Fields) -> Answer:
        """Send the operation once and return its answer.

        Raises the exception class of an error answer, and NoAnswerError where none came.
        """


@dataclass(frozen=True)
class Retry:
    """How often a request is sent, and how long the client waits between two attempts."""

    attempts: int = 4
    first_pause_seconds: float = 0.2
    sleep: Callable[[float], None] = time.sleep

    def pause(self, failed: int) -> None:
        """Wait after this many failed attempts: twice as long each time, with jitter."""
        longest = self.first_pause_seconds * 2 ** (failed - 1)
        self.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 - jitter


@dataclass(frozen=True)
class Sender:
    """A transport with retries. Only requests with an unknown outcome are retried."""

    transport: Transport
    retry: Retry = Retry()

    def send(self, operation: str, fields: Fields) -> Answer:
        """Return the answer. Raises UnavailableError if none came in all attempts."""
        given = _named(operation, ROUTES[operation].given(fields))
        for attempt in range(1, self.retry.attempts):
            try:
                return self.transport.request(operation, given)
            except UnavailableError:  # noqa: PERF203 - each is a request
                self.retry.pause(attempt)
        return self.transport.request(operation, given)


def _named(operation: str, fields: dict[str, object]) -> dict[str, object]:
    """The fields with an idempotency key or id, so that a retry changes nothing twice."""
    route = ROUTES[operation]
    has_name = route.is_named_by_path or KEY in fields or route.own_id in fields
    if has_name or not route.is_keyed:
        return fields
    return {**fields, KEY: f"c-{os.urandom(16).hex()}"}
