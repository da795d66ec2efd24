"""One line of the log for each request, and one of metrics for each about money."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter, time
from types import TracebackType
from typing import Any, Self

from aws_lambda_powertools import Logger

from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from budget_monitor.domain.money import ZERO
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Operation
from budget_monitor.ports.metrics import Figure

SERVICE = "budget-monitor"
logger = Logger(service=SERVICE)

OPERATIONS = frozenset(
    {"check", "reserve", "release", "settle", "draw", "record_cost", "record_costs"}
)
"""The operations that are measured. Each is a value of the dimension `Operation`."""
DECIDING = frozenset({"check", "reserve"})
FALLBACK, QUARANTINED = "fallback_price", "quarantined"
NO_REASON = "NONE"


class RequestLog:
    """Logs the caller, the operation, the outcome and the duration; nothing else of the request.

    No user, tag, text or amount is in it. `outcome` is `OK`, the reason code of a refusal, the code
    of an error, or the name of an unexpected exception.
    """

    def __init__(self, door: str, request_id: str) -> None:
        self._line: dict[str, Any] = {"door": door, "request_id": request_id}
        self._line |= {"operation": None, "tenant_id": None, "outcome": "OK"}

    def __enter__(self) -> Self:
        self._started = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.failed(error)
        spent = round((perf_counter() - self._started) * 1000, 1)
        if logger.log_level <= logging.INFO:
            # As Powertools prints it, in a tenth of its time: each request waits for this line.
            head = {"level": "INFO", "message": "request", "timestamp": _now(), "service": SERVICE}
            print(json.dumps({**head, **self._line, "duration_ms": spent}))  # noqa: T201

    def asked(self, operation: Operation[Any], fields: Fields) -> None:
        """Note the operation and the tenant."""
        self._line |= {"operation": operation.name, "tenant_id": fields.tenant_named}

    def answered(self, body: Mapping[str, Any]) -> None:
        """Note a refusal by its reason code."""
        if body.get("allowed") is False:
            self._line["outcome"] = body.get("reason_code")

    def failed(self, error: BaseException) -> None:
        """Note an error; an outage also with its cause."""
        if self._line["outcome"] == "OK":
            code = error.code if isinstance(error, BudgetMonitorError) else type(error).__name__
            self._line["outcome"] = code
            if isinstance(error, UnavailableError):
                extra = {"request_id": self._line["request_id"]}
                logger.error("unavailable", extra=extra, exc_info=error)


def _now() -> str:
    return datetime.fromtimestamp(time(), UTC).isoformat(timespec="milliseconds")


def figures(
    operation: str, body: Mapping[str, Any], milliseconds: int, counts: Counter[str]
) -> list[Figure]:
    """Return what a successful request adds to the metrics; nothing for other operations.

    No dimension names a tenant, a user or a run, so that the number of metrics is bounded.
    """
    if operation not in OPERATIONS:
        return []
    found = [Figure("Latency", Decimal(milliseconds), "Milliseconds", {"Operation": operation})]
    found += (Figure(name, Decimal(count)) for name, count in sorted(counts.items()))
    if operation in DECIDING:
        found += _decision(body)
    entries = [*_entries(body)]
    if entries:
        spent = sum((Decimal(one["cost_usd"]) for one in entries), ZERO)
        found.append(Figure("SpentUsd", spent, "None"))
    fallbacks = sum(FALLBACK in one["flags"] for one in entries)
    if fallbacks:
        found.append(Figure("PriceFallbacks", Decimal(fallbacks)))
    return found


def _decision(body: Mapping[str, Any]) -> Iterable[Figure]:
    reason = body["reason_code"] or NO_REASON
    yield Figure("Decisions", Decimal(1), "Count", {"Outcome": body["action"], "Reason": reason})
    if not body["allowed"]:
        yield Figure("Refusals", Decimal(1))
    held = body["reservation"]
    if held and not body["replayed"]:
        yield Figure("HeldUsd", Decimal(held["amount_usd"]), "None")


def _entries(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The entries that this request booked: none of a replay, and none that waits for review."""
    for one in (body, *body.get("results", ())):
        entry = one.get("entry")
        if entry and not entry["replayed"] and QUARANTINED not in entry["flags"]:
            yield entry
