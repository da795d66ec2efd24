"""Checks and reservations."""

from budget_monitor.domain.errors import (
    ConflictError,
    NotFoundError,
    TooManyHoldsError,
    UnknownPriceError,
)
from budget_monitor.domain.holds.reservations import ON_EXPIRY, RETURN, SETTLE_AT_ESTIMATE
from budget_monitor.domain.rules.budgets import ALLOW, BLOCK, PAUSE
from budget_monitor.entrypoints.checking import DEFAULT_LIFE, MAX_LIFE
from budget_monitor.entrypoints.openapi import shared, usage
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import must, read
from budget_monitor.entrypoints.openapi.operations.reports import LIMIT
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
    words,
)
from budget_monitor.usecases.reports.hold_list import STATES

RESERVATION_ID = read("id", "reservation_id", "The reservation.")
_LIFE = read(
    "count",
    "expires_in_seconds",
    f"The reservation expires so many seconds from now; {DEFAULT_LIFE} unless given.",
    1,
    MAX_LIFE,
)
RUN = {
    "agent_execution_id": "invoice-agent-2026-11-22-001",
    "workflow_execution_id": "invoices-2026-11-22",
}
CALL = {
    **RUN,
    "workflow": "invoices",
    "agent": "invoice-reader",
    "model": "gpt-4o",
    "provider": "openai",
    "user": "maria",
    "tags": ["production"],
}
HOLD = {"tenant_id": "acme", "reservation_id": "hold-0001"}
_ESTIMATE = {"estimated_cost_usd": "0.25"}
_USAGE = {"estimated_usage": {"input_tokens": 6000, "max_output_tokens": 1000}}
_FIELDS = (shared.TENANT, *shared.LABELS, *usage.ESTIMATE_FIELDS, shared.WRAP_UP)
_NEEDS = (shared.LABELS_NEED, usage.ESTIMATE_NEEDS)
_ANSWER = ref("Reservation")

SCHEMAS: dict[str, Schema] = {
    "Decision": shape(
        {
            "allowed": FLAG,
            "action": words((ALLOW, BLOCK, PAUSE)),
            "reason_code": nullable(TEXT),
            "reason": nullable(TEXT),
            "budget_id": nullable(TEXT),
            "unblock": nullable(TEXT),
            "warnings": list_of(TEXT),
            "status": nullable(ref("MonthStatus")),
            "gates": shared.GATES,
            "remaining": nullable(shared.REMAINING),
            "reservation": nullable(ref("Reservation")),
            "matched": {**list_of(TEXT), "description": "The budgets that the request met."},
            "max_output_tokens": {
                **nullable(COUNT),
                "description": "The most output tokens that would be granted now.",
            },
            "suggestion": {
                **nullable(shape({"model": TEXT, "max_output_tokens": nullable(COUNT)})),
                "description": "A cheaper model that would be granted now.",
            },
            "pause_id": nullable(NUMBER),
            "request_id": {
                **nullable(TEXT),
                "description": "The request for more limit that a refusal by action `ask` left.",
            },
            "would_block": list_of(TEXT),
            "quote": nullable(ref("Quote")),
            "replayed": FLAG,
            **shared.ORIGIN,
        }
    ),
}

DECLARED: dict[str, Declared] = {
    "check": Declared(
        fields=_FIELDS,
        needs=_NEEDS,
        answer=ref("Decision"),
        errors=(ConflictError, UnknownPriceError, TooManyHoldsError),
        example=Example({"tenant_id": "acme", **CALL, **_ESTIMATE}),
        more={"check_for_usage": Example({"tenant_id": "acme", **CALL, **_USAGE})},
    ),
    "reserve": Declared(
        fields=(
            *_FIELDS,
            read("caller_id", "reservation_id", "Your name for the reservation; else one is made."),
            _LIFE,
            read(
                "choice",
                "on_expiry",
                f"What expiry does to a reservation: `{RETURN}` (unless given) makes "
                f"its money available again, `{SETTLE_AT_ESTIMATE}` books what is left of it.",
                ON_EXPIRY,
            ),
            shared.INCLUDE_GATES,
            shared.KEY,
        ),
        needs=_NEEDS,
        answer=ref("Decision"),
        creates=True,
        errors=(ConflictError, UnknownPriceError, TooManyHoldsError),
        example=Example({**HOLD, **CALL, **_ESTIMATE, "expires_in_seconds": 900}),
        more={"reserve_for_usage": Example({**HOLD, **CALL, "expires_in_seconds": 900, **_USAGE})},
    ),
    "get_reservation": Declared(
        fields=(shared.TENANT, RESERVATION_ID),
        answer=_ANSWER,
        errors=(NotFoundError,),
        example=Example(HOLD, after=("reserve",)),
    ),
    "list_reservations": Declared(
        fields=(
            shared.TENANT,
            read("choice", "state", "Only those in this state now.", STATES),
            read("name", "agent", "Only those of this agent."),
            LIMIT,
            shared.CURSOR,
        ),
        answer=page_of(_ANSWER),
        example=Example({"tenant_id": "acme", "state": "open"}, after=("reserve",)),
    ),
    "extend": Declared(
        fields=(shared.TENANT, RESERVATION_ID, must(_LIFE), shared.KEY),
        answer=_ANSWER,
        errors=(NotFoundError, ConflictError),
        example=Example({**HOLD, "expires_in_seconds": 3600}, after=("reserve",)),
    ),
    "release": Declared(
        fields=(shared.TENANT, RESERVATION_ID, shared.KEY),
        answer=_ANSWER,
        errors=(NotFoundError, ConflictError),
        example=Example(HOLD, after=("reserve",)),
    ),
}
