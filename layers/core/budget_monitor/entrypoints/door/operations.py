"""Operations: what callers can ask for, over HTTP and by direct invocation."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Generic, TypeVar

from budget_monitor.domain.errors import ForbiddenError
from budget_monitor.domain.roles import OPERATORS_FIELDS
from budget_monitor.domain.values import dataclass
from budget_monitor.entrypoints.door.callers.access import USUAL, Access
from budget_monitor.entrypoints.door.callers.rates import TenantRates
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.ports import Clock, Ids
from budget_monitor.ports.metrics import Metrics

S = TypeVar("S")

READ, DELETE = "GET", "DELETE"
JSON, CSV, JSON_LINES = "json", "csv", "jsonl"
FORMATS = (JSON, CSV, JSON_LINES)
MEDIA = {JSON: "application/json", CSV: "text/csv", JSON_LINES: "application/x-ndjson"}
DIRECT = "DIRECT"
"""The method of an operation that has no route."""


def refuse_operators_fields(operation: str, given: Mapping[str, object]) -> None:
    """Raise ForbiddenError for a field that only operators may send, by direct invocation.

    False and null mean what leaving the field out means.
    """
    for name in OPERATORS_FIELDS.get(operation, frozenset()).intersection(given):
        if given[name] is None or given[name] is False:
            continue
        raise ForbiddenError(f"{name} is for operators, by direct invocation of the function", name)


@dataclass(frozen=True, slots=True)
class RequestContext(Generic[S]):
    """What an operation works with: the use cases, the time, new ids, and metrics."""

    services: S
    clock: Clock
    ids: Ids
    metrics: Metrics
    rates: TenantRates | None = None
    """Maximum rate of each tenant; None: no maximum."""
    access: Access = USUAL
    """How callers' tokens are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. Status, headers and `text`, in place of the body, are for HTTP."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Operation(Generic[S]):
    """One operation: its name for direct invocations, its route for HTTP, and its handler.

    `entrypoints/openapi/operations` describes it for callers, under the same name.
    """

    name: str
    method: str
    path: str
    run: Callable[[RequestContext[S], Fields], Answer]
    repeatable: bool = False
    """Changes nothing although it is not a GET, so it takes no idempotency key."""
    negotiates: bool = False
    """Also answers CSV and JSON Lines, if the Accept header asks for them."""

    @property
    def keyed(self) -> bool:
        """True if it takes an idempotency key."""
        return self.method != READ and not self.repeatable
