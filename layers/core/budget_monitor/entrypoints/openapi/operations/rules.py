"""Budgets, raises and their history."""

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES
from budget_monitor.entrypoints.budgeting.budgets import MAX_THRESHOLD, MAX_THRESHOLDS
from budget_monitor.entrypoints.budgeting.history import DEFAULT_CHANGES, MAX_CHANGES
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example, of_system
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.schemas import (
    FLAG,
    NUMBER,
    OBJECT,
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

_BUDGET_ID = read("id", "budget_id", "The budget.")
_RAISE_ID = read("caller_id", "raise_id", "Your name for the raise; else one is made.")
HISTORY = (
    read("count", "limit", f"Changes of a page; {DEFAULT_CHANGES} unless given.", 1, MAX_CHANGES),
    shared.CURSOR,
)
WHY = {"by": "maria", "reason": "The quarter's forecast"}
_RAISE = shape(
    {
        "raise_id": TEXT,
        "amount_usd": USD,
        "by": TEXT,
        "reason": TEXT,
        "at": TIME,
        "period": nullable(TEXT),
        "until": nullable(TIME),
    }
)
_BUDGET: dict[str, Schema] = {
    "budget_id": TEXT,
    "tenant_id": nullable(TEXT),
    "scope": words(SCOPES),
    "scope_id": nullable(TEXT),
    "period": words(PERIODS),
    "limit_usd": nullable(USD),
    "base_limit_usd": nullable(USD),
    "raises": list_of(_RAISE),
    "action": words(ACTIONS),
    "thresholds": list_of(NUMBER),
    "enforcement": words(ENFORCEMENTS),
    "source": TEXT,
    "counting_since": nullable(TIME),
    "version": {"type": "integer", "minimum": 0},
    "replayed": FLAG,
}

SCHEMAS: dict[str, Schema] = {
    "Budget": shape(_BUDGET),
    "Change": shape(
        {
            "version": NUMBER,
            "operation": TEXT,
            "at": TIME,
            "by": TEXT,
            "reason": TEXT,
            "principal": nullable(TEXT),
            "before": nullable(OBJECT),
            "after": nullable(OBJECT),
        },
        {"budget_id": nullable(TEXT)},
    ),
}


_SETTINGS = (
    read("limit", "limit_usd", "The most that may be committed in a period; null: no limit."),
    read("choice", "scope", "Whose money is limited.", SCOPES),
    read("name", "scope_id", "The name of the workflow, agent, model, user or tag."),
    read("choice", "period", "When the budget starts again.", PERIODS),
    read("choice", "action", "What happens when the next spend would pass the limit.", ACTIONS),
    read(
        "counts",
        "thresholds",
        "Percents of the limit at which an alert is sent.",
        MAX_THRESHOLDS,
        MAX_THRESHOLD,
    ),
    read(
        "choice", "enforcement", "`shadow` allows and reports what it would refuse.", ENFORCEMENTS
    ),
)
_CHANGE = (shared.TENANT, _BUDGET_ID)
_SAID = (*shared.BY_REASON, shared.KEY)
_ACME = {"tenant_id": "acme"}
_ADA = {"tenant_id": "acme", "budget_id": "ada-daily"}
_ADA_DAILY = {
    "scope": "user",
    "scope_id": "ada",
    "period": "day",
    "limit_usd": "25",
    "action": "block",
    "thresholds": [50, 90],
    "enforcement": "enforce",
}
_RAISED = {"raise_id": "raise-0001", **WHY}

_OF_TENANT: dict[str, Declared] = {
    "list_budgets": Declared(
        fields=(shared.TENANT,),
        answer=shape({"items": list_of(ref("Budget"))}),
        example=Example(_ACME),
    ),
    "set_budget": Declared(
        fields=(*_CHANGE, *_SETTINGS, *_SAID),
        answer=ref("Budget"),
        errors=(ConflictError, ForbiddenError),
        example=Example({**_ADA, **_ADA_DAILY, **WHY}),
    ),
    "delete_budget": Declared(
        fields=(*_CHANGE, *_SAID),
        answer=shape({**_BUDGET, "deleted": FLAG}),
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_ADA, **WHY}, after=("set_budget",)),
    ),
    "raise_limit": Declared(
        fields=(
            *_CHANGE,
            _RAISE_ID,
            read("amount", "amount_usd", "How much is added to the limit."),
            read("instant", "until", "When the raise ends; with the period unless given."),
            *_SAID,
        ),
        answer=shape({**_BUDGET, "raise_id": TEXT}),
        creates=True,
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_ACME, "budget_id": "tenant-month", "amount_usd": "250", **_RAISED}),
    ),
    "budget_history": Declared(
        fields=(*_CHANGE, *HISTORY),
        answer=page_of(ref("Change")),
        example=Example({**_ADA, "limit": 50}, after=("set_budget",)),
    ),
    "tenant_history": Declared(
        fields=(shared.TENANT, *HISTORY),
        answer=page_of(ref("Change")),
        example=Example({**_ACME, "limit": 50}, after=("set_budget",)),
    ),
}

_DAY = {"budget_id": "system-day"}
_500_A_DAY = {"scope": "system", "period": "day", "limit_usd": "500"}
_SET = ("set_system_budget",)
_OF_SYSTEM = {
    "list_system_budgets": ("list_budgets", Example()),
    "set_system_budget": ("set_budget", Example({**_DAY, **_500_A_DAY, **WHY})),
    "delete_system_budget": ("delete_budget", Example({**_DAY, **WHY}, after=_SET)),
    "raise_system_limit": (
        "raise_limit",
        Example({"budget_id": "system-month", "amount_usd": "1000", **_RAISED}),
    ),
    "system_budget_history": ("budget_history", Example({**_DAY, "limit": 50}, after=_SET)),
    "system_history": ("tenant_history", Example({"limit": 50}, after=_SET)),
}

DECLARED: dict[str, Declared] = {
    **_OF_TENANT,
    **{name: of_system(_OF_TENANT[same], one) for name, (same, one) in _OF_SYSTEM.items()},
}
