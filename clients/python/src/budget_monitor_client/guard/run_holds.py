"""One hold for a run: its calls draw on it, and what is left at the end is released."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import TracebackType
from typing import Any

from budget_monitor_client.errors import BudgetMonitorError, RefusedError, UnavailableError
from budget_monitor_client.guard.calls import Attempts, Call, Guarding
from budget_monitor_client.guard.holds import Hold
from budget_monitor_client.guard.journal import DONE, RELEASING, RESERVING, Step
from budget_monitor_client.values import Answer, Fields

LIFE_SECONDS = 900
"""How long a hold lasts unless its request says more."""
MARGIN_SECONDS = 5
"""In the last seconds of a hold, new calls do not draw on it."""
_OPEN = "open"
_log = logging.getLogger("budget_monitor_client")


class RunHold:
    """A hold for the calls of a run. Make it with `Run.hold`; it is safe between threads.

    `decision` is the reservation's decision, or None if the service was unavailable and the client
    allows calls then: each call reserves for itself.
    """

    def __init__(
        self,
        guarding: Guarding,
        hold: Hold,
        terms: Mapping[str, Any],
        opened: set[Call],
        enter: Callable[[RunHold | None], None],
    ) -> None:
        self.guarding = replace(guarding, send=self._send)
        self._sends = guarding.send
        self._hold = hold
        self._terms = terms
        self._opened = opened
        self._enter = enter
        self._lock = threading.Lock()
        self._left: Decimal | None = None
        self._receipt: str | None = None
        self._ends_at = 0.0
        self._underway: dict[str, Decimal] = {}
        self._most: dict[tuple[Any, ...], Decimal] = {}
        self.decision: Answer | None = None

    @property
    def reservation_id(self) -> str:
        """The id of the hold."""
        return self._hold.reservation_id

    @property
    def left_usd(self) -> Decimal:
        """What is left of the hold after the booked calls."""
        return self._left or Decimal(0)

    def __enter__(self) -> RunHold:
        """Hold the money. Raises RefusedError if a budget refuses."""
        self._enter(self)
        try:
            self._reserve()
        except BaseException:
            self._enter(None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the calls that still draw on it, and release the rest."""
        self._enter(None)
        drawing = [one for one in self._opened if isinstance(one, DrawnCall) and one.held is self]
        for call in drawing:
            call.end(error)
        self._release()

    def extend(self, seconds: int) -> None:
        """Extend the hold to this many seconds from now."""
        self._sends("extend", {**self._hold.fields, "expires_in_seconds": seconds})
        self._ends_at = time.monotonic() + seconds

    def take(self, hold: Hold, request: Fields) -> bool:
        """Reserve the call's maximum cost from what is left; False if it does not fit.

        Raises UnknownPriceError for a model without a price.
        """
        if self._left is None or time.monotonic() > self._ends_at - MARGIN_SECONDS:
            return False
        try:
            most = self._most_usd(request)
        except UnavailableError as error:
            _log.info("%s reserves for itself: %s", hold.reservation_id, error)
            return False
        with self._lock:
            if most > self._left - sum(self._underway.values()):
                return False
            self._underway[hold.reservation_id] = most
            return True

    def give_back(self, hold: Hold) -> None:
        """Return the call's part: it is booked, or costs nothing."""
        with self._lock:
            self._underway.pop(hold.reservation_id, None)

    def _reserve(self) -> None:
        amount = self._hold.estimate["cost_usd"]
        asked = {"estimated_cost_usd": amount, "include_gates": False, **self._terms}
        self.guarding.note(Step(RESERVING, self._hold))
        began = time.monotonic()
        try:
            request = {**self._hold.fields, **self._hold.labels, **asked}
            self.decision = self._sends("reserve", request)
        except UnavailableError:
            if self.guarding.on_unavailable == "allow":
                return
            self.guarding.note(Step(RELEASING, self._hold))
            raise
        except BudgetMonitorError:
            self.guarding.note(Step(DONE, self._hold))
            raise
        if not self.decision["allowed"]:
            self.guarding.note(Step(DONE, self._hold))
            raise RefusedError(self.decision)
        self._ends_at = began + (self._terms["expires_in_seconds"] or LIFE_SECONDS)
        self._see(self.decision["reservation"])

    def _release(self) -> None:
        """Release what is left, after the draws that wait. With a journal an outage is no error."""
        ending = Step(RELEASING, self._hold)
        self.guarding.note(ending)
        try:
            self.guarding.deliver_draws(self.reservation_id)
            self.guarding.deliver(ending)
        except UnavailableError:
            if self.guarding.journal is None:
                raise

    def _send(self, operation: str, fields: Fields) -> Answer:
        """Send for a call. A draw carries the last receipt, which saves a read."""
        if operation != "draw":
            return self._sends(operation, fields)
        answer = self._sends(operation, {**fields, "receipt": self._receipt})
        self._see(answer["reservation"])
        return answer

    def _see(self, reservation: Mapping[str, Any]) -> None:
        """Note what is left. Answers may come in any order, and less is later."""
        left = Decimal(reservation["left_usd"])
        with self._lock:
            if self._left is None or left <= self._left:
                self._left = left
                self._receipt = reservation["receipt"]
            if reservation["state"] != _OPEN:
                self._left = Decimal(0)

    def _most_usd(self, request: Fields) -> Decimal:
        """The most that the call may cost, asked once for each model and size.

        Sizes are powers of two, so that a run asks for few of them.
        """
        if "estimated_cost_usd" in request:
            return Decimal(request["estimated_cost_usd"])
        usage = request["estimated_usage"]
        sizes = (_rounded(usage["input_tokens"]), _rounded(usage["max_output_tokens"]))
        key = (request.get("model"), request.get("provider"), *sizes)
        if key not in self._most:
            labels = {name: request[name] for name in ("model", "provider") if name in request}
            asked = {"input_tokens": sizes[0], "output_tokens": sizes[1]}
            run = {name: one for name, one in self._hold.labels.items() if name.endswith("_id")}
            fields = {"tenant_id": self._hold.tenant_id, **run, **labels, "usage": asked}
            self._most[key] = Decimal(self._sends("quote", fields)["cost_usd"])
        return self._most[key]


class DrawnCall(Call):
    """A call that draws on its run's hold, or reserves for itself where it does not fit."""

    def __init__(
        self,
        held: RunHold,
        attempts: Attempts,
        request: dict[str, Any],
        opened: set[Call],
        *,
        marks: bool,
    ) -> None:
        super().__init__(held.guarding, attempts, request, opened, marks=marks)
        self.held = held

    def extend(self, seconds: int) -> None:
        """Keep the hold for so many seconds from now, for calls that take long."""
        if self._held().draws_on is None:
            super().extend(seconds)
        else:
            self.held.extend(seconds)

    def _granted(self, hold: Hold) -> Hold:
        if self.held.take(hold, self._request):
            return replace(hold, draws_on=self.held.reservation_id)
        return super()._granted(hold)

    def _deliver(self, ending: Step) -> None:
        super()._deliver(ending)
        if ending.name == RELEASING or self.entry is not None:
            self.held.give_back(ending.hold)


def _rounded(count: int) -> int:
    """The next power of two."""
    return 1 << max(0, count - 1).bit_length()
