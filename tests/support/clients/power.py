"""A process that dies at a chosen step: each request and each line of the journal has two."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from budget_monitor_client import NoAnswerError
from budget_monitor_client.guard.journal import Journal, Step
from budget_monitor_client.sending import Transport
from budget_monitor_client.values import Answer, Fields


class KilledError(BaseException):
    """The process is gone: nothing after this runs."""


@dataclass
class Power:
    """Counts the steps and cuts the power at one; from then on every step is cut."""

    dies_at: int | None = None
    steps: int = 0

    def step(self) -> None:
        """Take the next step."""
        if self.dies_at is not None and self.steps >= self.dies_at:
            raise KilledError
        self.steps += 1


@dataclass
class PoweredTransport:
    """A transport that may die before a request is sent, or before its answer is read."""

    transport: Transport
    power: Power

    def request(self, operation: str, fields: Fields) -> Answer:
        """Send the operation once."""
        self.power.step()
        answer = self.transport.request(operation, fields)
        self.power.step()
        return answer


class PoweredJournal(Journal):
    """A journal that may die before or after a line."""

    def __init__(self, folder: Path, power: Power) -> None:
        super().__init__(folder)
        self._power = power

    def write(self, step: Step) -> None:
        """Write the step."""
        self._power.step()
        super().write(step)
        self._power.step()


@dataclass
class FaultyTransport:
    """A transport that loses requests: by number, before they are sent or after."""

    transport: Transport
    lost_before: set[int] = field(default_factory=set)
    lost_after: set[int] = field(default_factory=set)
    is_down: bool = False
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def request(self, operation: str, fields: Fields) -> Answer:
        """Send the operation once."""
        number = len(self.sent)
        self.sent.append((operation, dict(fields)))
        if self.is_down or number in self.lost_before:
            raise NoAnswerError("the connection broke")
        answer = self.transport.request(operation, fields)
        if number in self.lost_after:
            raise NoAnswerError("the answer was lost")
        return answer
