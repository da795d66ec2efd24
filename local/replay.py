"""Send the trace through the deployed API: every call is one reserve and one settle.

Ids are made from the row number, so an interrupted replay can be run again: calls that are booked
answer as before, and nothing counts twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from local.api import Answer, Api
from local.totals import Sums, add, tenant_sums
from local.trace import TENANTS, Call, read, reserve_body, settle_body, total, usd

CLIENTS = 4
RUNAWAY_TENANT = "demo-runaway"
RUNAWAY_STEP = Decimal(1)
RUNAWAY_MOST = 1000


class ReplayError(Exception):
    """The API gave an answer that stops the replay; the message shows it."""


@dataclass(frozen=True)
class Replay:
    """How a replay went: `skipped` calls were booked by an earlier one."""

    calls: int
    skipped: int
    seconds: float


@dataclass(frozen=True)
class Runaway:
    """A looping agent: how many holds it was allowed, and the decision that stopped it."""

    allowed: int
    reason: str
    reason_code: str
    action: str


def _ignore(count: int) -> None:
    """Ignore the progress."""


def replay(
    api: Api,
    rows: int | None = None,
    tenants: Sequence[str] = TENANTS,
    clients: int = CLIENTS,
    advance: Callable[[int], None] = _ignore,
) -> Replay:
    """Book the first `rows` calls of the trace; `advance` is called for each one done.

    Calls that an earlier replay booked are skipped: the tenants' counts of entries say how many.
    If the sums are still too small afterwards, all calls are sent once more. Raises ReplayError or
    ApiError.
    """
    started = time.monotonic()
    calls = read(rows, tenants)
    booked = _booked(api, calls)
    whole = booked == Sums.of_calls(calls)
    first = len(calls) if whole else min(max(0, booked.entries - clients), len(calls))
    advance(first)
    _send_all(api, calls[first:], clients, advance)
    if first and missing_usd(api, calls):
        _send_all(api, calls[:first], clients, _ignore)
    return Replay(len(calls), first, time.monotonic() - started)


def missing_usd(api: Api, calls: Sequence[Call]) -> Decimal:
    """USD of these calls that the tenants have not booked; 0 when all are booked."""
    return total(calls).cost_usd - _booked(api, calls).spent_usd


def _booked(api: Api, calls: Sequence[Call]) -> Sums:
    return add(tenant_sums(api, tenant) for tenant in _tenants(calls))


def _tenants(calls: Sequence[Call]) -> list[str]:
    return sorted({call.tenant for call in calls})


def _send_all(
    api: Api, calls: Sequence[Call], clients: int, advance: Callable[[int], None]
) -> None:
    """Share the calls among parallel clients; the first failure stops all of them."""
    queue, failed = _Shared(iter(calls)), threading.Event()

    def client() -> None:
        try:
            while not failed.is_set() and (call := queue.next()) is not None:
                send(api, call)
                advance(1)
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(client) for _ in range(clients)]:
            try:
                done.result()
            except BaseException:
                failed.set()
                raise


class _Shared:
    """An iterator that several threads draw from."""

    def __init__(self, calls: Iterator[Call]) -> None:
        self._calls = calls
        self._lock = threading.Lock()

    def next(self) -> Call | None:
        """The next call, or None at the end."""
        with self._lock:
            return next(self._calls, None)


def send(api: Api, call: Call) -> None:
    """Hold the estimate of one call and book its cost. Sending a call twice changes nothing."""
    path = f"/tenants/{call.tenant}/reservations"
    held = api.post(path, reserve_body(call))
    booked_before = held.status == HTTPStatus.CONFLICT and held.body.get("error") == "CONFLICT"
    if not booked_before:
        _expect(held, call, "reserve")
        if held.body.get("allowed") is not True:
            raise ReplayError(f"row {call.row} should fit its budgets: {held.body.get('reason')}")
    reservation = held.body.get("reservation") or {}
    settle = settle_body(call, reservation.get("receipt"))
    _expect(api.post(f"{path}/{call.reservation_id}/settle", settle), call, "settle")


def _expect(answer: Answer, call: Call, operation: str) -> None:
    if answer.status not in (200, 201):
        raise ReplayError(
            f"row {call.row}: {operation} answered {answer.status}, not 200 or 201: {answer.body}"
        )


def run_away(api: Api, name: str) -> Runaway:
    """Let an agent loop until it is refused, then release its holds. It spends nothing.

    `name` is the execution's id. It must be new: the holds of an earlier one are closed.
    """
    path, held = f"/tenants/{RUNAWAY_TENANT}/reservations", []
    try:
        for step in range(RUNAWAY_MOST):
            reservation_id = f"{name}-{step:04d}"
            answer = api.post(path, _loop_body(name, reservation_id))
            if answer.status not in (200, 201):
                raise ReplayError(f"the looping agent got {answer.status}: {answer.body}")
            if not answer.body["allowed"]:
                body = answer.body
                return Runaway(step, body["reason"], body["reason_code"], body["action"])
            held.append(reservation_id)
    finally:
        for reservation_id in held:
            api.post(f"{path}/{reservation_id}/release", {})
    raise ReplayError(f"an agent took {RUNAWAY_MOST} holds of {RUNAWAY_STEP} USD unchecked")


def _loop_body(name: str, reservation_id: str) -> dict[str, str | int]:
    return {
        "agent_execution_id": name,
        "agent": "looper",
        "model": "gpt-4o",
        "provider": "openai",
        "reservation_id": reservation_id,
        "estimated_cost_usd": usd(RUNAWAY_STEP),
        "expires_in_seconds": 60,
    }
