"""Budgets, raises and their history."""

from collections.abc import Mapping
from typing import Any

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES
from budget_monitor.entrypoints.budgeting.budgets import MAX_THRESHOLD, MAX_THRESHOLDS
from budget_monitor.entrypoints.budgeting.history import MAX_CHANGES
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import Field, read
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
HISTORY = (read("count", "limit", "Changes of a page; 100 unless given.", 1, MAX_CHANGES), shared.CURSOR)
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


def _declared(owner: tuple[Field, ...], whose: Mapping[str, Any], prefix: str) -> dict[str, Declared]:
    """The operations of the budgets of one owner: a tenant, or the system."""
    change = (*owner, _BUDGET_ID)
    said = (*shared.BY_REASON, shared.KEY)
    daily = {"budget_id": "system-day"} if prefix else {**whose, "budget_id": "ada-daily"}
    return {
        f"list_{prefix}budgets": Declared(
            fields=owner,
            answer=shape({"items": list_of(ref("Budget"))}),
            example=Example(whose),
        ),
        f"set_{prefix}budget": Declared(
            fields=(*change, *_SETTINGS, *said),
            answer=ref("Budget"),
            errors=(ConflictError, ForbiddenError),
            example=Example({**daily, **(_SYSTEM_DAY if prefix else _ADA_DAILY), **WHY}),
        ),
        f"delete_{prefix}budget": Declared(
            fields=(*change, *said),
            answer=shape({**_BUDGET, "deleted": FLAG}),
            errors=(NotFoundError, ConflictError, ForbiddenError),
            example=Example({**daily, **WHY}, after=(f"set_{prefix}budget",)),
        ),
        f"raise_{prefix}limit": Declared(
            fields=(
                *change,
                _RAISE_ID,
                read("amount", "amount_usd", "How much is added to the limit."),
                read("instant", "until", "When the raise ends; with the period unless given."),
                *said,
            ),
            answer=shape({**_BUDGET, "raise_id": TEXT}),
            creates=True,
            errors=(NotFoundError, ConflictError, ForbiddenError),
            example=Example(
                {
                    **whose,
                    "budget_id": "system-month" if prefix else "tenant-month",
                    "raise_id": "raise-0001",
                    "amount_usd": "1000" if prefix else "250",
                    **WHY,
                }
            ),
        ),
        f"{prefix}budget_history": Declared(
            fields=(*change, *HISTORY),
            answer=page_of(ref("Change")),
            example=Example({**daily, "limit": 50}, after=(f"set_{prefix}budget",)),
        ),
        f"{prefix or 'tenant_'}history": Declared(
            fields=(*owner, *HISTORY),
            answer=page_of(ref("Change")),
            example=Example({**whose, "limit": 50}, after=(f"set_{prefix}budget",)),
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
    read("choice", "enforcement", "`shadow` allows and reports what it would refuse.", ENFORCEMENTS),
)
_ADA_DAILY = {
    "scope": "user",
    "scope_id": "ada",
    "period": "day",
    "limit_usd": "25",
    "action": "block",
    "thresholds": [50, 90],
    "enforcement": "enforce",
}
_SYSTEM_DAY = {"scope": "system", "period": "day", "limit_usd": "500"}

DECLARED: dict[str, Declared] = {
    **_declared((shared.TENANT,), {"tenant_id": "acme"}, ""),
    **_declared((), {}, "system_"),
}
