"""Exit codes of the commands, and a hint for each error."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from budget_monitor_client.errors import (
    BudgetMonitorError,
    ConflictError,
    ForbiddenError,
    IdempotencyMismatchError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    TooManyHoldsError,
    UnavailableError,
    UnexpectedAnswerError,
    UnknownPriceError,
    ValidationError,
)


class Exit(IntEnum):
    """Exit codes of a command."""

    DONE = 0
    REFUSED = 1
    """A budget refuses, a check failed, or a plan has changes."""
    USAGE = 2
    """The command or its file is wrong; nothing was changed."""
    UNAVAILABLE = 3
    """There was no answer; repeat the command."""
    NOT_FOUND = 4
    CONFLICT = 5
    """The state has changed or does not allow it."""
    FORBIDDEN = 6


class CommandError(Exception):
    """A command cannot go on. `hint` says what to do next."""

    def __init__(self, message: str, code: Exit = Exit.USAGE, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True)
class Outcome:
    """How an error ends the command."""

    code: Exit
    hint: str


_OUTCOMES: tuple[tuple[type[Exception], Outcome], ...] = (
    (RefusedError, Outcome(Exit.REFUSED, "Ask for more: `budget-monitor requests --help`.")),
    (TooManyHoldsError, Outcome(Exit.REFUSED, "Settle or release open holds, then repeat it.")),
    (UnavailableError, Outcome(Exit.UNAVAILABLE, "Repeat the command.")),
    (ForbiddenError, Outcome(Exit.FORBIDDEN, "Ask an administrator for the role of this route.")),
    (
        NotFoundError,
        Outcome(Exit.NOT_FOUND, "Check the id and --tenant; list what there is, then repeat it."),
    ),
    (ConflictError, Outcome(Exit.CONFLICT, "Look at the present state, then decide again.")),
    (IdempotencyMismatchError, Outcome(Exit.CONFLICT, "Give a new id for other content.")),
    (ValidationError, Outcome(Exit.USAGE, "Correct the value and repeat the command.")),
    (
        UnknownPriceError,
        Outcome(Exit.USAGE, "Set a price for the model, or name one of `prices --model`."),
    ),
    (TooLargeError, Outcome(Exit.USAGE, "Send less in one request.")),
    (UnexpectedAnswerError, Outcome(Exit.USAGE, "Check --url and --stack.")),
)


def outcome_of(error: BudgetMonitorError) -> Outcome:
    """Return how the error ends the command."""
    for kind, outcome in _OUTCOMES:
        if isinstance(error, kind):
            return outcome
    return Outcome(Exit.USAGE, "Compare the versions of the client and the service.")
