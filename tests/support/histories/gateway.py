"""Deliver events to the handlers, with I/O faults at scheduled steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real
from botocore.endpoint import Endpoint

from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from tests.support.doors.doors import CODES, Context, handler_of
from tests.support.doors.routes import function_of
from tests.support.dynamodb.faults import (
    Fate,
    KilledError,
    answer_lost,
    cancelled,
    killed_after,
    killed_before,
    never_sent,
    refused,
)
from tests.support.workflows.machines import Machines

FAULTS: dict[str, Fate] = {
    "killed before": killed_before,
    "killed after": killed_after,
    "answer lost": answer_lost,
    "never sent": never_sent,
    "throttled": refused("ThrottlingException"),
    "conflict": cancelled("TransactionConflict"),
    "500": refused("InternalServerError", 500),
    "conflict beside a condition": cancelled("ConditionalCheckFailed", "TransactionConflict"),
}
KILLED, UNAVAILABLE = "KILLED", "UNAVAILABLE"
NAMED = {*CODES.values(), KILLED}


@dataclass(frozen=True)
class Reply:
    """The body of an answer, or the code of the error; KILLED where nobody answered."""

    body: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def unanswered(self) -> bool:
        """True if the caller cannot know the outcome of the request, or of a cost of a batch."""
        results = self.body.get("results", ())
        errors = {self.error, *(one.get("error") for one in results)}
        return bool(errors & {KILLED, UNAVAILABLE})


def deliver(operation: str, **fields: Any) -> Reply:
    """Invoke the operation's function directly. An undeclared error fails the test."""
    event = json.loads(json.dumps({"operation": operation, **fields}))
    try:
        return Reply(handler_of(function_of(operation))(event, Context()))
    except KilledError:
        return Reply(error=KILLED)
    except Exception as error:
        code = CODES.get(type(error).__name__)
        if code is None:
            raise AssertionError(f"an error without a name: {error!r}") from error
        return Reply(error=code)


def forget() -> None:
    """Clear this process's caches, as if a new process answered."""
    parts: Any = parts_of(Config.from_environment())
    parts.hold_cache._seen.clear()  # noqa: SLF001 - the same
    parts.truth._striping._known.clear()  # noqa: SLF001 - the same
    parts.policies._read.clear()  # noqa: SLF001 - the same
    parts.policies._copied.clear()  # noqa: SLF001 - the same


def switch(parked: dict[int, Any]) -> None:
    """Another process answers, which remembers what it saw last: by now that may be stale."""
    parts: Any = parts_of(Config.from_environment())
    known, read = parts.truth._striping._known, parts.policies._read  # noqa: SLF001 - the same
    memories = (parts.hold_cache._seen, known, read)  # noqa: SLF001 - the same
    others = parked.get(id(parts), ({}, {}, {}))
    parked[id(parts)] = tuple(dict(one) for one in memories)
    for memory, other in zip(memories, others, strict=True):
        memory.clear()
        memory.update(other)


class Wire:
    """Counts HTTP attempts from `expect` on, and injects the scheduled faults."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.machines = Machines()
        self.machines.install(patch)
        self.attempts = 0
        self._schedule: dict[int, Fate] = {}
        original: Callable[..., Any] = vars(Endpoint)["_get_response"]

        def meet(endpoint: Any, *rest: Any) -> Any:
            fate = self._schedule.pop(self.attempts, None)
            self.attempts += 1
            attempt = partial(original, endpoint, *rest)
            return fate(attempt) if fate else attempt()

        patch.setattr(Endpoint, "_get_response", meet)
        patch.setattr("time.sleep", lambda _: None)  # ours and botocore's
        log = "budget_monitor.entrypoints.door.request_log.logger"
        patch.setattr(f"{log}.error", lambda *_, **__: None)
        patch.setattr(f"{log}.info", lambda *_, **__: None)

    def expect(self, schedule: Mapping[int, str]) -> None:
        """Count from zero with these faults at these attempts. Drop earlier ones that are left."""
        self.attempts = 0
        self._schedule = {attempt: FAULTS[name] for attempt, name in schedule.items()}
