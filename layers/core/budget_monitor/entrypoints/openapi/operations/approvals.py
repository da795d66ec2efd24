"""Asking for more limit, answering, and who may."""

from budget_monitor.domain.approvals.requests import DEFAULT_LIFE, STATES
from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.domain.rules.budgets import SCOPES
from budget_monitor.entrypoints.budgeting.approvals import (
    DEFAULT_REQUESTS,
    MAX_LIFE_SECONDS,
    MAX_REQUESTS,
)
from budget_monitor.entrypoints.openapi import authority, shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.operations.rules import WHY
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    SIGNER,
    TEXT,
    TIME,
    USD,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
    words,
)

_REQUEST = read("id", "request_id", "The request.")
_ASKED = {"tenant_id": "acme", "request_id": "ask-0001"}
_RUN = {"agent_execution_id": "run-0042", "agent": "researcher"}
_ASK = {**_ASKED, **_RUN, "amount_usd": "5", "reason": "Two of nine chapters are left"}
_DECISION = shape(
    {
        "state": words(STATES[1:]),
        "at": TIME,
        "by": nullable(TEXT),
        "reason": nullable(TEXT),
        "principal": SIGNER,
        "amount_usd": {**nullable(USD), "description": "By how much the limit was raised."},
        "raise_id": {**nullable(TEXT), "description": "The raise of the budget."},
        "own_limit_usd": {
            **nullable(USD),
            "description": "The run's own limit from then on, for a budget of single runs.",
        },
    }
)
_FORECAST = shape(
    {
        "run_spent_usd": USD,
        "run_held_usd": USD,
        "run_calls": COUNT,
        "usd_per_call": USD,
        "calls_more": {**nullable(COUNT), "description": "How many such calls the amount pays."},
        "usd_per_hour": nullable(USD),
        "minutes_more": {**nullable(COUNT), "description": "How long the amount lasts."},
    }
)
_APPROVAL = shape(
    {
        "at": TIME,
        "by": TEXT,
        "reason": TEXT,
        "principal": nullable(TEXT),
        "amount_usd": USD,
        "link": {**nullable(TEXT), "description": "The signed link that was used."},
    }
)

SCHEMAS: dict[str, Schema] = {
    **authority.SCHEMAS,
    "RaiseRequest": shape(
        {
            "request_id": TEXT,
            "tenant_id": TEXT,
            "state": words(STATES),
            "budget_id": TEXT,
            "scope": words(SCOPES),
            "scope_id": TEXT,
            "period": TEXT,
            "limit_usd": {**USD, "description": "As it was when the request was made."},
            **dict.fromkeys(("spent_usd", "held_usd", "available_usd"), USD),
            **shared.LABELLED,
            "amount_usd": {**USD, "description": "How much more was asked."},
            "reason": TEXT,
            "by": nullable(TEXT),
            "principal": SIGNER,
            "created_at": TIME,
            "expires_at": TIME,
            "refused_usd": {
                **nullable(USD),
                "description": "The refused amount, if a budget with the action `ask` asks.",
            },
            "forecast": {**nullable(_FORECAST), "description": "What the run spent, and its pace."},
            "approvals": list_of(_APPROVAL),
            "escalates_at": nullable(TIME),
            "escalated_at": nullable(TIME),
            "times_out_at": nullable(TIME),
            "decision": nullable(_DECISION),
            "replayed": FLAG,
        }
    ),
}
_ANSWER = ref("RaiseRequest")
_DECIDES = (NotFoundError, ConflictError, ForbiddenError)

DECLARED: dict[str, Declared] = {
    "request_raise": Declared(
        fields=(
            shared.TENANT,
            read("caller_id", "request_id", "Your id for the request; else one is made."),
            *shared.LABELS,
            read(
                "optional_id",
                "budget_id",
                "The budget to raise. Unless given: the narrowest that refuses the amount, or the "
                "one with the least left.",
            ),
            read("amount", "amount_usd", "How much more the run needs."),
            shared.REASON,
            read("optional_text", "by", "Who asks."),
            read(
                "count",
                "expires_in_seconds",
                f"Life of the request; {DEFAULT_LIFE.days} days unless given. It also ends with "
                "the budget's period.",
                1,
                MAX_LIFE_SECONDS,
            ),
            shared.KEY,
        ),
        needs=(shared.LABELS_NEED,),
        answer=_ANSWER,
        creates=True,
        errors=(NotFoundError, ConflictError),
        example=Example(_ASK),
    ),
    "list_requests": Declared(
        fields=(
            shared.TENANT,
            read("choice", "state", "Only requests in this state.", STATES),
            read(
                "count",
                "limit",
                f"Requests of a page; {DEFAULT_REQUESTS} unless given.",
                1,
                MAX_REQUESTS,
            ),
            shared.CURSOR,
        ),
        answer=page_of(_ANSWER),
        example=Example({"tenant_id": "acme", "state": "open"}, after=("request_raise",)),
    ),
    "get_request": Declared(
        fields=(shared.TENANT, _REQUEST),
        answer=_ANSWER,
        errors=(NotFoundError,),
        example=Example(_ASKED, after=("request_raise",)),
    ),
    "approve": Declared(
        fields=(
            shared.TENANT,
            _REQUEST,
            read(
                "optional_amount",
                "amount_usd",
                "By how much to raise the limit; at most, and unless given, what was asked.",
            ),
            *shared.BY_REASON,
            shared.KEY,
        ),
        answer=_ANSWER,
        errors=_DECIDES,
        example=Example({**_ASKED, "amount_usd": "3", **WHY}, after=("request_raise",)),
    ),
    "deny": Declared(
        fields=(shared.TENANT, _REQUEST, *shared.BY_REASON, shared.KEY),
        answer=_ANSWER,
        errors=_DECIDES,
        example=Example({**_ASKED, **WHY}, after=("request_raise",)),
    ),
    **authority.DECLARED,
}
