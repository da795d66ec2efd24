"""One guarded call: its money is held before, and its true cost is booked after."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, Protocol, TypeVar

from budget_monitor_client.errors import (
    BudgetMonitorError,
    ConflictError,
    RefusedError,
    UnavailableError,
)
from budget_monitor_client.guard.failures import was_sent
from budget_monitor_client.guard.holds import Hold, Send, release, settle
from budget_monitor_client.guard.journal import (
    DONE,
    RELEASING,
    RESERVING,
    SENDING,
    SETTLING,
    Journal,
    Step,
)
from budget_monitor_client.guard.responses import counted
from budget_monitor_client.guard.streams import StreamUsage
from budget_monitor_client.values import Amount, Answer, to_json

T = TypeVar("T")
OnUnavailable = Literal["deny", "allow"]
MAX_ATTEMPTS = 100
"""Maximum of ended attempts at one step of a run; more mean a wrong run id."""


@dataclass(frozen=True)
class Guarding:
    """What guarded calls share: the transport, the journal, and the behaviour in an outage."""

    send: Send
    journal: Journal | None
    on_unavailable: OnUnavailable

    def note(self, step: Step) -> None:
        """Write the step into the journal, if there is one."""
        if self.journal is not None:
            self.journal.write(step)

    def is_pending(self, hold: Hold) -> bool:
        """True if an earlier hold with this id is still to be ended."""
        return self.journal is not None and self.journal.has(hold.tenant_id, hold.reservation_id)

    def deliver(self, step: Step) -> Answer | None:
        """End the hold as the step says. Raises the error if that fails; the step then stays."""
        if step.name == RELEASING:
            release(self.send, step.hold)
            answer = None
        else:
            answer = settle(self.send, step.hold, step.spent)
        self.note(Step(DONE, step.hold))
        return answer

    def deliver_draws(self, reservation_id: str) -> None:
        """Book the draws on a hold that wait in the journal. Raises UnavailableError."""
        for step in self.journal.undelivered() if self.journal else []:
            if step.hold.draws_on == reservation_id:
                self.deliver(step)


class Attempts(Protocol):
    """The holds that a call may take, one after the other."""

    def __iter__(self) -> Iterator[Hold]:
        """Each attempt's hold; no other attempt gets it."""

    def give_back(self, hold: Hold) -> None:
        """Let the next attempt take this hold: none was granted, or that is unknown."""


class Call:
    """A call of a model or of anything that costs money; use it as a context manager.

    After it is entered, `decision` is the reservation's decision, or None if the service was
    unavailable and the caller allows that. After it ended, `entry` is the ledger's entry, or None
    if nothing was spent or the cost waits in the journal.
    """

    def __init__(
        self,
        guarding: Guarding,
        attempts: Attempts,
        request: dict[str, Any],
        opened: set[Call],
        *,
        marks: bool,
    ) -> None:
        self._guarding = guarding
        self._attempts = attempts
        self._request = request
        self._opened = opened
        self._is_sent = not marks
        self._stream: StreamUsage | None = None
        self._hold: Hold | None = None
        self._ending: Step | None = None
        self._is_ended = False
        self.decision: Answer | None = None
        self.entry: dict[str, Any] | None = None

    @property
    def reservation_id(self) -> str:
        """The id of the hold."""
        return self._held().reservation_id

    def __enter__(self) -> Call:
        """Hold the money. Raises RefusedError if a budget refuses."""
        self._hold = self._reserved()
        self._opened.add(self)
        if self._is_sent:
            self._guarding.note(Step(SENDING, self._hold))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Settle or release what the body left open."""
        self.end(error)

    def sending(self) -> None:
        """Say that the request is sent now, in a call with `marks_sending`."""
        if not self._is_sent:
            self._guarding.note(Step(SENDING, self._held()))
            self._is_sent = True

    def done(
        self,
        response: T = None,  # type: ignore[assignment] # a call may be settled by usage alone
        *,
        usage: dict[str, Any] | None = None,
        cost_usd: Amount | None = None,
    ) -> T:
        """Book the true cost, and return the response as it came.

        It is computed from the response's usage, from `usage` counts, or is `cost_usd`. A response
        without a usage that can be priced is booked at the hold's estimate.
        """
        if self._ending is not None:
            raise RuntimeError(f"the call {self.reservation_id} has ended")
        spent: dict[str, Any] | None = None
        if cost_usd is not None:
            spent = {"cost_usd": str(cost_usd)}
        if usage is not None:
            spent = {**(spent or {}), "usage": json.loads(to_json(usage))}
        elif response is not None:
            spent = {**(spent or {}), **_spent(response)} or None
        self._finish(SETTLING, spent)
        return response

    def release(self) -> None:
        """Give the money back: nothing was sent, or the provider bills nothing."""
        self._finish(RELEASING)

    def extend(self, seconds: int) -> None:
        """Extend the hold to this many seconds from now, for long calls."""
        held = self._held()
        self._guarding.send("extend", {**held.fields, "expires_in_seconds": seconds})

    def stream(self, chunks: Iterable[T]) -> Iterator[T]:
        """Pass the chunks of a stream on, and settle with the usage of its last event.

        A stream that is cut before its usage came is settled at the hold's estimate.
        """
        usage = self.watch()
        try:
            for chunk in chunks:
                usage.read(chunk)
                yield chunk
        finally:
            self.end(None)

    def watch(self) -> StreamUsage:
        """Return the reader of a stream's chunks, whose usage settles the call when it ends."""
        self.sending()
        self._stream = StreamUsage()
        return self._stream

    def end(self, error: BaseException | None) -> None:
        """End a call that is still open: by its stream, at its estimate, or with a release."""
        if self._is_ended or self._hold is None:
            return
        if self._ending is not None:
            self._deliver(self._ending)
        elif self._stream is not None:
            found = self._stream.response
            self._finish(SETTLING, None if found is None else _spent(found))
        elif self._is_sent and (error is None or was_sent(error)):
            self._finish(SETTLING)
        else:
            self._finish(RELEASING)

    def _reserved(self) -> Hold:
        for hold in itertools.islice(self._attempts, MAX_ATTEMPTS):
            if self._guarding.is_pending(hold):
                continue
            self._guarding.note(Step(RESERVING, hold))
            try:
                return self._granted(hold)
            except ConflictError:  # an earlier attempt of this step has ended
                self._guarding.note(Step(DONE, hold))
            except BudgetMonitorError:
                self._guarding.note(Step(DONE, hold))
                self._attempts.give_back(hold)
                raise
        raise ConflictError(f"this step has had {MAX_ATTEMPTS} attempts", "step")

    def _granted(self, hold: Hold) -> Hold:
        try:
            self.decision = self._guarding.send("reserve", {**hold.fields, **self._request})
        except UnavailableError:
            if self._guarding.on_unavailable == "allow":
                return hold
            raise
        if not self.decision["allowed"]:
            raise RefusedError(self.decision)
        return replace(hold, amount_usd=self.decision["reservation"]["amount_usd"])

    def _finish(self, name: str, spent: dict[str, Any] | None = None) -> None:
        """Note how the call ends, then deliver it."""
        self._ending = Step(name, self._held(), spent)
        self._guarding.note(self._ending)
        self._deliver(self._ending)

    def _deliver(self, ending: Step) -> None:
        """With a journal an outage is no error: the end waits there."""
        try:
            answer = self._guarding.deliver(ending)
        except UnavailableError:
            if self._guarding.journal is None:
                raise
            answer = None
        self._is_ended = True
        self._opened.discard(self)
        self.entry = answer["entry"] if answer else None

    def _held(self) -> Hold:
        if self._hold is None:
            raise RuntimeError("the call has no hold: use it in a with statement")
        return self._hold


def _spent(response: object) -> dict[str, Any]:
    """The fields of a cost by the provider's response; none where it is not understood."""
    try:
        return {"provider_response": counted(response)}
    except (TypeError, ValueError):  # ValueError: an SDK's model that cannot be dumped
        return {}
