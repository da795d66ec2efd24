"""A call's hold, and its end: settled, released, or settled at its estimate."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from budget_monitor_client.errors import (
    ConflictError,
    IdempotencyMismatchError,
    NotFoundError,
    TooLargeError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor_client.values import Answer, Fields, canonical

Send = Callable[[str, Fields], Answer]
_NOT_UNDERSTOOD = (ValidationError, UnknownPriceError, TooLargeError)
_OF_DRAWS = ("model", "provider", "agent", "workflow", "user", "tags")
"""Labels of a draw that may differ from those of its hold."""
_log = logging.getLogger("budget_monitor_client")


@dataclass(frozen=True)
class Hold:
    """Everything that is needed to end a hold, also in a later process."""

    tenant_id: str
    reservation_id: str
    labels: dict[str, Any]
    estimate: dict[str, Any]
    """What the call may cost at most: `cost_usd`, or `usage` by which it is priced."""
    amount_usd: str | None = None
    """The held amount; None if the hold was never confirmed."""
    draws_on: str | None = None
    """The run's hold from which this call draws; `reservation_id` is then the id of the draw."""

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that name it."""
        return {"tenant_id": self.tenant_id, "reservation_id": self.reservation_id}

    def written(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def _most(hold: Hold) -> dict[str, Any]:
    return hold.estimate if hold.amount_usd is None else {"cost_usd": hold.amount_usd}


def settle(send: Send, hold: Hold, spent: Fields | None) -> Answer | None:
    """Book what was spent, or the estimate where that is None or cannot be priced.

    Returns None if an estimate was to be booked, and the hold has ended already.
    """
    if hold.draws_on is not None:
        return _draw(send, hold, spent)
    if spent is None:
        return _settle_at_estimate(send, hold)
    try:
        return send("settle", {**hold.fields, **spent})
    except (NotFoundError, IdempotencyMismatchError):
        return _record(send, hold, spent)
    except _NOT_UNDERSTOOD as error:
        _log.warning("%s is settled at its estimate: %s", hold.reservation_id, error)
        return _settle_at_estimate(send, hold)


def release(send: Send, hold: Hold) -> None:
    """Give the money back. What has ended, never was, or is a draw needs nothing."""
    if hold.draws_on is not None:
        return
    try:
        send("release", hold.fields)
    except (NotFoundError, ConflictError) as error:
        _log.info("%s is not released: %s", hold.reservation_id, error)


def _draw(send: Send, hold: Hold, spent: Fields | None) -> Answer | None:
    """Book what was spent, or the estimate, against the run's hold."""
    labels = {name: one for name, one in hold.labels.items() if name in _OF_DRAWS}
    named = {"reservation_id": hold.draws_on, "draw_id": hold.reservation_id}
    cost = _most(hold) if spent is None else spent
    how = {"include_gates": False, "at_estimate": True if spent is None else None}
    try:
        return send("draw", {"tenant_id": hold.tenant_id, **named, **labels, **cost, **how})
    except NotFoundError:
        return _record(send, hold, cost)
    except IdempotencyMismatchError as error:
        if spent is None:
            _log.info("%s has been booked: %s", hold.reservation_id, error)
            return None
        return _record(send, hold, spent)
    except _NOT_UNDERSTOOD as error:
        if spent is None:
            raise
        _log.warning("%s is booked at its estimate: %s", hold.reservation_id, error)
        return _draw(send, hold, None)


def _settle_at_estimate(send: Send, hold: Hold) -> Answer | None:
    try:
        return send("settle", {**hold.fields, "at_estimate": True})
    except NotFoundError:
        return _record(send, hold, _most(hold))
    except IdempotencyMismatchError as error:
        _log.info("%s has been settled: %s", hold.reservation_id, error)
        return None


def _record(send: Send, hold: Hold, spent: Fields) -> Answer:
    """Book a cost whose hold does not exist or was settled with another one.

    The entry's id follows from its content, so that a repetition books nothing twice.
    """
    digest = sha256(canonical(spent).encode()).hexdigest()[:16]
    named = {"tenant_id": hold.tenant_id, "entry_id": f"{hold.reservation_id}.{digest}"}
    return send("record_cost", {**named, **hold.labels, **spent})
