"""A run of an agent: the shared labels of its guarded calls, and their ids."""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import TracebackType
from typing import Any, ClassVar, Literal, TypeVar

from budget_monitor_client.guard.calls import Call, Guarding
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.holds import Hold
from budget_monitor_client.guard.run_holds import DrawnCall, RunHold
from budget_monitor_client.values import Amount, canonical

F = TypeVar("F", bound=Callable[..., Any])
OnExpiry = Literal["return", "settle_at_estimate"]
_MAX_ID = 80
"""Maximum of characters of the run's id in a call's id."""


@dataclass
class Run:
    """One execution of an agent. Make it with `BudgetMonitor.run`."""

    guarding: Guarding
    tenant_id: str
    labels: dict[str, Any]
    _open: set[Call] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)
    _held: RunHold | None = None

    @property
    def run_id(self) -> str:
        """The id of the agent execution."""
        return str(self.labels["agent_execution_id"])

    def __enter__(self) -> Run:
        """Return the run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the calls that are still open, such as streams that were not read to their end."""
        for call in list(self._open):
            call.end(error)

    def call(
        self,
        *,
        model: str | None = None,
        max_tokens: int | None = None,
        input: object = None,  # noqa: A002 - the providers' own word for it
        input_tokens: int | None = None,
        estimated_cost_usd: Amount | None = None,
        step: str | None = None,
        provider: str | None = None,
        wrap_up: bool | None = None,
        expires_in_seconds: int | None = None,
        on_expiry: OnExpiry | None = None,
        marks_sending: bool = False,
        user: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Call:
        """Return a call to be used in a with statement; entering it holds the money.

        Args:
            model: The model that is called.
            max_tokens: The most tokens that it may write. Send the same to the model.
            input: What is sent, as text or as the provider's messages. It is not transmitted.
            input_tokens: Tokens of the input, where you know them better.
            estimated_cost_usd: The most that the call may cost, in place of tokens.
            step: Your name for this step, from which the hold's id derives beside run and content.
            provider: The model's provider.
            wrap_up: True: it may use what budgets keep for wrapping up.
            expires_in_seconds: How long the hold lasts if it is not ended; 15 minutes.
            on_expiry: What becomes of the hold if nobody ends it, because the process is killed:
                `return` gives the money back, `settle_at_estimate` books it. A call that draws on
                the run's hold follows that one.
            marks_sending: True: you say `call.sending()`, and what fails before is released.
            user: For whom the call is made, if not for the run's user.
            tags: Tags of the cost, in place of the run's.

        """
        own = {"model": model, "provider": provider, "user": user, "tags": tags and list(tags)}
        named = self.labels | {name: one for name, one in own.items() if one is not None}
        asked, most = _estimate(max_tokens, input, input_tokens, estimated_cost_usd)
        content = sha256(canonical([asked, named, input]).encode()).hexdigest()[:16]
        held = self._held
        first = self._short_id() if held is None else held.reservation_id
        base = ".".join(part for part in (first, step, content) if part)
        terms = {
            "wrap_up": wrap_up,
            "expires_in_seconds": expires_in_seconds,
            "on_expiry": on_expiry,
        }
        request = {**named, **asked, **terms, "include_gates": False}
        attempts = _Attempts(self._taken, Hold(self.tenant_id, base, named, most))
        if held is not None:
            return DrawnCall(held, attempts, request, self._open, marks=marks_sending)
        return Call(self.guarding, attempts, request, self._open, marks=marks_sending)

    def hold(
        self,
        usd: Amount,
        *,
        expires_in_seconds: int | None = None,
        wrap_up: bool | None = None,
        on_expiry: OnExpiry | None = None,
    ) -> RunHold:
        """Return a hold for the whole run, to be used in a with statement.

        Calls within it draw on the hold and reserve nothing while their estimates fit what is left;
        the others reserve for themselves. What is left at the end is released.

        Args:
            usd: How much is held.
            expires_in_seconds: How long the hold lasts if it is not ended; 15 minutes.
            wrap_up: True: it may use what budgets keep for wrapping up.
            on_expiry: As for `call`: what happens to what is left if nobody ends it.

        """
        terms = {
            "wrap_up": wrap_up,
            "expires_in_seconds": expires_in_seconds,
            "on_expiry": on_expiry,
        }
        name = f"{self._short_id()}.h{os.urandom(4).hex()}"
        hold = Hold(self.tenant_id, name, self.labels, {"cost_usd": str(usd)})
        return RunHold(self.guarding, hold, terms, self._open, self._enter)

    def _enter(self, held: RunHold | None) -> None:
        """Let calls draw on the hold; None: let them reserve again."""
        if held is not None and self._held is not None:
            raise RuntimeError(f"the run {self.run_id} has a hold already")
        self._held = held

    def guard(self, **terms: Any) -> Callable[[F], F]:
        """Decorate a function that makes one call and returns the response.

        `terms` are those of `call`. The function's arguments are the input unless they say more.
        """

        def decorate(function: F) -> F:
            @functools.wraps(function)
            def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
                with self.call(**with_input(terms, args, kwargs)) as call:
                    return call.done(function(*args, **kwargs))

            return guarded  # type: ignore[return-value] # it has the function's signature

        return decorate

    def _short_id(self) -> str:
        if len(self.run_id) <= _MAX_ID:
            return self.run_id
        return f"{self.run_id[:40]}.{sha256(self.run_id.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class _Attempts:
    """The attempts at one step, numbered from 1. A run takes each once."""

    taken: set[str]
    of: Hold
    lock: ClassVar[threading.Lock] = threading.Lock()

    def __iter__(self) -> Iterator[Hold]:
        for number in itertools.count(1):
            name = f"{self.of.reservation_id}.{number}"
            with self.lock:
                is_new = name not in self.taken
                self.taken.add(name)
            if is_new:
                yield replace(self.of, reservation_id=name)

    def give_back(self, hold: Hold) -> None:
        with self.lock:
            self.taken.discard(hold.reservation_id)


def with_input(terms: dict[str, Any], args: Any, kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
    """The terms of a decorated call, with the function's arguments as the input."""
    if {"input", "input_tokens", "estimated_cost_usd"} & terms.keys():
        return terms
    return {**terms, "input": [list(args), kwargs]}


def _estimate(
    max_tokens: int | None,
    prompt: object,
    input_tokens: int | None,
    cost_usd: Amount | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a reservation, and those of a cost that is no less.

    Raises ValueError if nothing says how much the call may cost.
    """
    if cost_usd is not None:
        return {"estimated_cost_usd": str(cost_usd)}, {"cost_usd": str(cost_usd)}
    if max_tokens is None or (input_tokens is None and prompt is None):
        raise ValueError("give max_tokens and the input, or estimated_cost_usd")
    sent = most_tokens(prompt) if input_tokens is None else input_tokens
    asked = {"input_tokens": sent, "max_output_tokens": max_tokens}
    most = {"input_tokens": sent, "output_tokens": max_tokens}
    return {"estimated_usage": asked}, {"usage": most}
